package io.penstock.example.prices;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What each product costs, read from lines of {@code product,cents} under one heading. */
public final class PriceList {
    private final Map<String, Long> cents;

    private PriceList(Map<String, Long> cents) {
        this.cents = cents;
    }

    public static PriceList parse(List<String> lines) {
        Map<String, Long> cents = new TreeMap<>();
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            String[] parts = line.split(",", -1);
            if (parts.length != 2) {
                throw new IllegalArgumentException("a line of the price list is not product,cents: " + line);
            }
            cents.put(parts[0].trim(), Long.valueOf(parts[1].trim()));
        }
        if (cents.isEmpty()) {
            throw new IllegalArgumentException("the price list holds no product");
        }
        return new PriceList(cents);
    }

    public List<String> products() {
        return new ArrayList<>(cents.keySet());
    }

    public long centsOf(String product) {
        return cents.get(product);
    }
}
