package io.penstock.testjobs;

import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** An operator throws at the record of that number, in each subtask. Arguments: {@code --records N --rate N}. */
public final class FailsAfter {
    private FailsAfter() {}

    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        long records = Arguments.number(args, "--records", 100);
        Numbers.drop(Numbers.endless(env, args).map(new Failing(records)).uid("failing").name("failing"));
        env.execute("fails after " + records);
    }

    private static final class Failing implements MapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;
        private final long records;
        private long seen;

        private Failing(long records) {
            this.records = records;
        }

        @Override
        public Long map(Long number) {
            seen += 1;
            if (seen >= records) {
                throw new RuntimeException("the job failed on purpose");
            }
            return number;
        }
    }
}
