package io.penstock.prewarm;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.util.Collector;

/**
 * A small stateful stream that a fresh Flink runs once, so that the first real job finds its classes loaded.
 *
 * <p>It runs until it is cancelled and checkpoints often: a source, an exchange by key, value and map state, timers, a
 * window and a sink are what real jobs use. The parallelism is the environment's.
 */
public final class Prewarm {
    private static final long CHECKPOINT_EVERY_MS = 200;
    private static final long KEYS = 16;
    private static final double PER_SECOND = 200;

    private Prewarm() {}

    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.enableCheckpointing(CHECKPOINT_EVERY_MS);

        env.fromSource(numbers(env.getParallelism()), WatermarkStrategy.forMonotonousTimestamps(), "numbers")
                .map(number -> new Pair(number % KEYS, number))
                .returns(Types.POJO(Pair.class))
                .keyBy(pair -> pair.key)
                .process(new Summing())
                .keyBy(pair -> pair.key)
                .window(TumblingProcessingTimeWindows.of(Duration.ofMillis(CHECKPOINT_EVERY_MS)))
                .reduce((left, right) -> new Pair(left.key, left.value + right.value))
                .sinkTo(new DiscardingSink<>());
        env.execute("prewarm");
    }

    private static DataGeneratorSource<Long> numbers(int parallelism) {
        return new DataGeneratorSource<>(
                number -> number,
                Long.MAX_VALUE,
                RateLimiterStrategy.perSecond(PER_SECOND * parallelism),
                Types.LONG);
    }

    private static final class Summing extends KeyedProcessFunction<Long, Pair, Pair> {
        private static final long serialVersionUID = 1L;
        private transient ValueState<Long> sum;
        private transient MapState<String, Pair> newest;

        @Override
        public void open(OpenContext context) {
            sum = getRuntimeContext().getState(new ValueStateDescriptor<>("sum", Types.LONG));
            newest =
                    getRuntimeContext()
                            .getMapState(new MapStateDescriptor<>("newest", Types.STRING, Types.POJO(Pair.class)));
        }

        @Override
        public void processElement(Pair pair, Context context, Collector<Pair> out) throws Exception {
            Long before = sum.value();
            sum.update(before == null ? pair.value : before + pair.value);
            newest.put("pair", pair);
            long now = context.timerService().currentProcessingTime();
            context.timerService().registerProcessingTimeTimer(now + CHECKPOINT_EVERY_MS);
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext context, Collector<Pair> out) throws Exception {
            out.collect(newest.get("pair"));
        }
    }

    /** A number and its key. */
    public static final class Pair {
        public long key;
        public long value;

        public Pair() {}

        Pair(long key, long value) {
            this.key = key;
            this.value = value;
        }
    }
}
