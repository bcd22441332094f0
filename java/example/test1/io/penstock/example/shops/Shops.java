package io.penstock.example.shops;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where each shop stands, read from lines of {@code shop,city} under one heading. */
public final class Shops {
    private final Map<String, String> cities;

    private Shops(Map<String, String> cities) {
        this.cities = cities;
    }

    public static Shops parse(List<String> lines) {
        Map<String, String> cities = new TreeMap<>();
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            String[] parts = line.split(",", -1);
            if (parts.length != 2) {
                throw new IllegalArgumentException("a line of the shops is not shop,city: " + line);
            }
            cities.put(parts[0].trim(), parts[1].trim());
        }
        if (cities.isEmpty()) {
            throw new IllegalArgumentException("the list of shops is empty");
        }
        return new Shops(cities);
    }

    public List<String> names() {
        return new ArrayList<>(cities.keySet());
    }

    public String cityOf(String shop) {
        return cities.getOrDefault(shop, "nowhere");
    }
}
