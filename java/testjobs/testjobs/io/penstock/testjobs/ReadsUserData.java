package io.penstock.testjobs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Runs on only where each userData/NAME is a resource and a file under the working directory, with the same bytes, in
 * main() and in the operators. Arguments: NAME...
 */
public final class ReadsUserData {
    private ReadsUserData() {}

    public static void main(String[] args) throws Exception {
        check("main", args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        Numbers.drop(Numbers.endless(env, new String[0]).map(new Reading(args)).uid("reading").name("reading"));
        env.execute("reads user data");
    }

    private static void check(String where, String[] names) throws IOException {
        if (names.length == 0) {
            throw new IllegalArgumentException("name at least one file");
        }
        for (String name : names) {
            Path file = Path.of("userData", name);
            try (InputStream stream = ReadsUserData.class.getClassLoader().getResourceAsStream("userData/" + name)) {
                if (stream == null) {
                    throw new IllegalStateException(where + ": userData/" + name + " is no resource");
                }
                if (!Files.isRegularFile(file)) {
                    throw new IllegalStateException(where + ": there is no file " + file.toAbsolutePath());
                }
                if (!Arrays.equals(stream.readAllBytes(), Files.readAllBytes(file))) {
                    throw new IllegalStateException(where + ": resource and file of userData/" + name + " differ");
                }
            }
        }
    }

    private static final class Reading extends RichMapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;
        private final String[] names;

        private Reading(String[] names) {
            this.names = names;
        }

        @Override
        public void open(OpenContext context) throws Exception {
            check("operator", names);
        }

        @Override
        public Long map(Long number) {
            return number;
        }
    }
}
