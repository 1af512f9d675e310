package saphan.peer;

/** A value with the topic it goes to. */
record Out(String topic, byte[] bytes) {}
