package io.penstock.testjobs;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Runs until it is stopped. Arguments: {@code --rate N}. */
public final class Unbounded {
    private Unbounded() {}

    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        Numbers.drop(Numbers.endless(env, args).keyBy(number -> number % 8).reduce(Long::sum));
        env.execute("unbounded");
    }
}
