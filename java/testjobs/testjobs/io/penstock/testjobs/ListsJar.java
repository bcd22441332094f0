package io.penstock.testjobs;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/**
 * Not a job: prints what Java itself reads in each jar that the arguments name, for tests to compare with.
 *
 * <p>A jar begins with "jar"; "refused" and a message follow, or one "entry" a line (name in hex, SHA-256 of what
 * the class loader would get, or "unreadable") and one "attribute" a line (name in lower case, value in hex).
 */
public final class ListsJar {
    private ListsJar() {}

    public static void main(String[] args) throws Exception {
        for (String path : args) {
            System.out.println("jar");
            try (JarFile jar = new JarFile(new File(path), false, JarFile.OPEN_READ, JarFile.runtimeVersion())) {
                for (JarEntry entry : Collections.list(jar.entries())) {
                    System.out.println("entry " + hex(entry.getName()) + " " + content(jar, entry.getName()));
                }
                Manifest manifest = jar.getManifest();
                if (manifest != null) {
                    for (Map.Entry<Object, Object> pair : manifest.getMainAttributes().entrySet()) {
                        String name = pair.getKey().toString().toLowerCase(Locale.ROOT);
                        System.out.println("attribute " + name + " " + hex(pair.getValue().toString()));
                    }
                }
            } catch (IOException | RuntimeException error) {
                System.out.println("refused " + String.valueOf(error.getMessage()).replace('\n', ' '));
            }
        }
    }

    private static String content(JarFile jar, String name) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream stream = jar.getInputStream(jar.getEntry(name))) {
            byte[] buffer = new byte[65536];
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        } catch (IOException | RuntimeException error) {
            return "unreadable";
        }
        return hex(digest.digest());
    }

    private static String hex(String text) {
        return "x" + hex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte part : bytes) {
            text.append(String.format("%02x", part));
        }
        return text.toString();
    }
}
