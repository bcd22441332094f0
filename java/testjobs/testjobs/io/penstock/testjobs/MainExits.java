package io.penstock.testjobs;

/** Its main() ends the JVM that runs it. */
public final class MainExits {
    private MainExits() {}

    public static void main(String[] args) {
        System.exit(3);
    }
}
