package io.penstock.testjobs;

import java.util.concurrent.CountDownLatch;

/** Its main() waits for ever and makes no job. */
public final class MainNeverReturns {
    private MainNeverReturns() {}

    public static void main(String[] args) throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
