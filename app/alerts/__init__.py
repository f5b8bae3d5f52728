"""Who is told of an event: by sound, webhook or MQTT; off unless asked for."""
