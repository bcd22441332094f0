package io.penstock.testjobs;

/** Reads {@code --name value} pairs. */
final class Arguments {
    private Arguments() {}

    static long number(String[] args, String name, long otherwise) {
        String text = text(args, name, null);
        return text == null ? otherwise : Long.parseLong(text);
    }

    static String text(String[] args, String name, String otherwise) {
        for (int i = 0; i + 1 < args.length; i += 2) {
            if (args[i].equals(name)) {
                return args[i + 1];
            }
        }
        return otherwise;
    }
}
