package io.penstock.testjobs;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** The source and the sink of the test jobs: numbers from 0, at so many a second from each subtask. */
final class Numbers {
    private static final long DEFAULT_RATE = 100;

    private Numbers() {}

    static DataStream<Long> endless(StreamExecutionEnvironment env, String[] args) {
        double perSecond = Arguments.number(args, "--rate", DEFAULT_RATE) * (double) env.getParallelism();
        return from(
                env,
                new DataGeneratorSource<>(
                        number -> number, Long.MAX_VALUE, RateLimiterStrategy.perSecond(perSecond), Types.LONG));
    }

    static DataStream<Long> upTo(StreamExecutionEnvironment env, long count) {
        return from(env, new DataGeneratorSource<>(number -> number, count, Types.LONG));
    }

    static void drop(DataStream<Long> stream) {
        stream.sinkTo(new DiscardingSink<>()).uid("sink").name("sink");
    }

    private static DataStream<Long> from(StreamExecutionEnvironment env, DataGeneratorSource<Long> source) {
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "numbers").uid("numbers");
    }
}
