package io.penstock.testjobs;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Finishes after so many records in all. Arguments: {@code --records N}. */
public final class Bounded {
    private Bounded() {}

    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        long records = Arguments.number(args, "--records", 1000);
        Numbers.drop(Numbers.upTo(env, records).keyBy(number -> number % 8).reduce(Long::sum));
        env.execute("bounded");
    }
}
