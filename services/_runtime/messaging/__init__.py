"""Events over Kafka: the relay that sends a feed, the consumers that react to others', the ingester that keeps the journal."""
