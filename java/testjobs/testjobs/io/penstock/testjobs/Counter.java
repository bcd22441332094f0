package io.penstock.testjobs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts records in state, until it is stopped; at every start it adds a line with the restored count to a file.
 *
 * <p>Arguments: {@code --report FILE --rate N --checkpoint-ms N}; without the last, checkpoints are as configured from
 * outside. A start without state writes 0. The count lies twice in the state, keyed and in the operator's list, and the
 * job fails with "the two counts differ" should they ever disagree.
 */
public final class Counter {
    private Counter() {}

    public static void main(String[] args) throws Exception {
        String report = Arguments.text(args, "--report", null);
        if (report == null) {
            throw new IllegalArgumentException("the argument --report FILE is missing");
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        long interval = Arguments.number(args, "--checkpoint-ms", 0);
        if (interval > 0) {
            env.enableCheckpointing(interval);
        }
        // One key and one subtask: one line a start.
        Numbers.drop(
                Numbers.endless(env, args)
                        .keyBy(number -> 0L)
                        .process(new Counting(report))
                        .setParallelism(1)
                        .uid("counting")
                        .name("counting"));
        env.execute("counter");
    }

    private static final class Counting extends KeyedProcessFunction<Long, Long, Long> implements CheckpointedFunction {
        private static final long serialVersionUID = 1L;
        private final String report;
        private transient ValueState<Long> keyed;
        private transient ListState<Long> listed;
        private transient long count;

        private Counting(String report) {
            this.report = report;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            keyed = context.getKeyedStateStore().getState(new ValueStateDescriptor<>("keyed", Types.LONG));
            listed = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("listed", Types.LONG));
            count = 0;
            for (long part : listed.get()) {
                count += part;
            }
            byte[] line = (count + "\n").getBytes(StandardCharsets.UTF_8);
            Files.write(Path.of(report), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }

        @Override
        public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
            Long before = keyed.value();
            if ((before == null ? 0 : before) != count) {
                throw new IllegalStateException("the two counts differ: " + before + " and " + count);
            }
            count += 1;
            keyed.update(count);
            out.collect(count);
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            listed.clear();
            listed.add(count);
        }
    }
}
