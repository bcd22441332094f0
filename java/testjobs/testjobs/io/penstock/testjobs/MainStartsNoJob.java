package io.penstock.testjobs;

/** Its main() returns without executing anything. */
public final class MainStartsNoJob {
    private MainStartsNoJob() {}

    public static void main(String[] args) {}
}
