package org.apache.flink.examples.streaming;

import io.penstock.example.prices.PriceList;
import io.penstock.example.shops.Shops;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * A queue of orders, priced and summed per shop: a stateful stream that never ends.
 *
 * <p>It shows what a job may rely on: classes of its dependency jars (PriceList is in test.jar, Shops in test1.jar) and
 * its dependency files under userData/, both in main() and in the operators. {@code --rate N} sets the orders per second
 * of each parallel source (100). The parallelism is the environment's. Once a minute each shop prints its takings.
 */
public final class JavaQueueStream {
    private static final String PRICES = "userData/test.csv";
    private static final String SHOPS = "userData/test1.csv";
    private static final double DEFAULT_RATE = 100;
    private static final long REPORT_EVERY_MS = 60_000;

    private JavaQueueStream() {}

    public static void main(String[] args) throws Exception {
        double rate = rateOf(args);
        List<String> products = prices().products();
        List<String> shops = shops().names();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();

        env.fromSource(orders(products, shops, rate * env.getParallelism()), WatermarkStrategy.noWatermarks(), "orders")
                .uid("orders")
                .keyBy(order -> order.shop)
                .process(new Takings())
                .uid("takings")
                .name("takings")
                .print()
                .uid("report")
                .name("report");
        env.execute("JavaQueueStream");
    }

    private static DataGeneratorSource<Order> orders(List<String> products, List<String> shops, double perSecond) {
        GeneratorFunction<Long, Order> nextOrder =
                number -> {
                    // A multiplicative hash spreads the numbers, and the same number always gives the same order.
                    int mixed = (int) ((number * 0x9E3779B97F4A7C15L) >>> 33);
                    String shop = shops.get(mixed % shops.size());
                    String product = products.get((mixed >>> 8) % products.size());
                    return new Order(shop, product, 1 + (mixed >>> 16) % 5);
                };
        return new DataGeneratorSource<>(
                nextOrder, Long.MAX_VALUE, RateLimiterStrategy.perSecond(perSecond), Types.POJO(Order.class));
    }

    /** Keeps each shop's takings, and reports them once a minute. */
    private static final class Takings extends KeyedProcessFunction<String, Order, String> {
        private static final long serialVersionUID = 1L;
        private transient PriceList prices;
        private transient Shops shops;
        private transient ValueState<Sum> state;

        @Override
        public void open(OpenContext context) throws Exception {
            prices = prices();
            shops = shops();
            state = getRuntimeContext().getState(new ValueStateDescriptor<>("takings", Sum.class));
        }

        @Override
        public void processElement(Order order, Context context, Collector<String> out) throws Exception {
            Sum sum = state.value();
            if (sum == null) {
                sum = new Sum();
                reportLater(context);
            }
            sum.orders += 1;
            sum.cents += prices.centsOf(order.product) * order.pieces;
            state.update(sum);
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext context, Collector<String> out) throws Exception {
            Sum sum = state.value();
            String shop = context.getCurrentKey();
            out.collect(
                    String.format(
                            "%s in %s: %d orders, %d.%02d taken",
                            shop, shops.cityOf(shop), sum.orders, sum.cents / 100, sum.cents % 100));
            reportLater(context);
        }

        private static void reportLater(KeyedProcessFunction<String, Order, String>.Context context) {
            long now = context.timerService().currentProcessingTime();
            context.timerService().registerProcessingTimeTimer(now + REPORT_EVERY_MS);
        }
    }

    /** So many pieces of one product, ordered in one shop. */
    public static final class Order {
        public String shop;
        public String product;
        public int pieces;

        public Order() {}

        Order(String shop, String product, int pieces) {
            this.shop = shop;
            this.product = product;
            this.pieces = pieces;
        }
    }

    /** What a shop has taken since the job began. */
    public static final class Sum {
        public long orders;
        public long cents;
    }

    private static PriceList prices() {
        return PriceList.parse(linesOf(PRICES));
    }

    private static Shops shops() {
        return Shops.parse(linesOf(SHOPS));
    }

    private static List<String> linesOf(String resource) {
        URL url = JavaQueueStream.class.getClassLoader().getResource(resource);
        if (url == null) {
            throw new IllegalStateException(
                    resource + " is missing: name the file in the job's dependency_files, as in myGroup/"
                            + resource.substring("userData/".length()));
        }
        try {
            URLConnection connection = url.openConnection();
            // The JVM's cache of open jars would outlive this job.
            connection.setUseCaches(false);
            try (InputStream stream = connection.getInputStream()) {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().collect(Collectors.toList());
            }
        } catch (IOException error) {
            throw new UncheckedIOException(resource + " cannot be read", error);
        }
    }

    private static double rateOf(String[] args) {
        if (args.length == 0) {
            return DEFAULT_RATE;
        }
        if (args.length != 2 || !args[0].equals("--rate")) {
            throw new IllegalArgumentException("the arguments are [--rate N], not: " + String.join(" ", args));
        }
        double rate = Double.parseDouble(args[1]);
        if (!(rate > 0)) {
            throw new IllegalArgumentException("--rate must be above 0, not " + args[1]);
        }
        return rate;
    }
}
