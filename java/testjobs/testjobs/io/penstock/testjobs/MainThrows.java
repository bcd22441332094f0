package io.penstock.testjobs;

/** Its main() throws before any job is made. */
public final class MainThrows {
    private MainThrows() {}

    public static void main(String[] args) {
        throw new IllegalStateException("main refused on purpose");
    }
}
