package io.penstock.testjobs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Writes all its arguments to the file that the first one names, then runs until it is stopped.
 *
 * <p>One line an argument: its length in UTF-8 bytes, a colon, the argument. The file appears whole or not at all.
 */
public final class PrintsArguments {
    private PrintsArguments() {}

    public static void main(String[] args) throws Exception {
        write(Path.of(args[0]), args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        Numbers.drop(Numbers.endless(env, new String[0]));
        env.execute("prints arguments");
    }

    private static void write(Path target, String[] args) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (String argument : args) {
            byte[] bytes = argument.getBytes(StandardCharsets.UTF_8);
            lines.write((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            lines.write(bytes);
            lines.write('\n');
        }
        Path part = Path.of(target + ".part");
        Files.write(part, lines.toByteArray());
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }
}
