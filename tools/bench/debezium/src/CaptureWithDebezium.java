import com.mongodb.ConnectionString;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.InsertManyOptions;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.bson.Document;
import org.bson.types.Decimal128;

/** The Debezium embedded engine, writing the same documents into MongoDB as ours, a thousand at a time. */
public final class CaptureWithDebezium {
  private final MongoCollection<Document> collection;
  private final long[] marks;
  private int reached;
  private long written;
  private String transaction = "";
  private int position;

  private CaptureWithDebezium(MongoCollection<Document> collection, long[] marks) {
    this.collection = collection;
    this.marks = marks;
  }

  public static void main(String[] args) throws Exception {
    var database = new ConnectionString(System.getenv("MONGODB_URI"));
    var client = MongoClients.create(database);
    var collection = client.getDatabase(Objects.requireNonNull(database.getDatabase()))
        .getCollection(System.getenv("COLLECTION")).withWriteConcern(WriteConcern.MAJORITY);
    var marks = List.of(System.getenv("MARKS").split(",")).stream().mapToLong(Long::parseLong).toArray();
    var capture = new CaptureWithDebezium(collection, marks);
    DebeziumEngine<RecordChangeEvent<SourceRecord>> engine =
        DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
            .using(settings())
            .using((success, message, error) -> {
              if (!success && error != null) error.printStackTrace();
            })
            .notifying(capture::write)
            .build();
    if (System.getenv("TRICKLE") != null) tell("started");
    engine.run();
  }

  private static Properties settings() throws Exception {
    var url = new java.net.URI(System.getenv("POSTGRES_URL"));
    var user = url.getUserInfo().split(":");
    var settings = new Properties();
    settings.putAll(java.util.Map.ofEntries(
        java.util.Map.entry("name", "bench"),
        java.util.Map.entry("connector.class", "io.debezium.connector.postgresql.PostgresConnector"),
        java.util.Map.entry("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore"),
        java.util.Map.entry("offset.storage.file.filename", offsetFile()),
        java.util.Map.entry("offset.flush.interval.ms", "1000"),
        java.util.Map.entry("database.hostname", url.getHost()),
        java.util.Map.entry("database.port", String.valueOf(url.getPort())),
        java.util.Map.entry("database.user", user[0]),
        java.util.Map.entry("database.password", user[1]),
        java.util.Map.entry("database.dbname", url.getPath().substring(1)),
        java.util.Map.entry("topic.prefix", "bench"),
        java.util.Map.entry("plugin.name", "pgoutput"),
        java.util.Map.entry("slot.name", System.getenv("SLOT")),
        java.util.Map.entry("publication.name", System.getenv("PUBLICATION")),
        java.util.Map.entry("publication.autocreate.mode", "disabled"),
        java.util.Map.entry("schema.include.list", "public"),
        java.util.Map.entry("message.prefix.exclude.list", "infratraq\\..*"),
        java.util.Map.entry("snapshot.mode", "no_data"),
        java.util.Map.entry("decimal.handling.mode", "precise"),
        java.util.Map.entry("tombstones.on.delete", "false"),
        java.util.Map.entry("max.batch.size", "1000"),
        java.util.Map.entry("poll.interval.ms", System.getenv().getOrDefault("POLL_MILLISECONDS", "500"))));
    return settings;
  }

  private static String offsetFile() throws Exception {
    Path file = Files.createTempFile("bench-debezium", ".offsets");
    file.toFile().deleteOnExit();
    return file.toString();
  }

  private void write(
      List<RecordChangeEvent<SourceRecord>> records,
      DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
      throws InterruptedException {
    var documents = new ArrayList<Document>(records.size());
    for (var record : records) {
      Struct value = (Struct) record.record().value();
      if (value != null && value.schema().field("op") != null) documents.add(describe(value));
    }
    if (written == 0 && !documents.isEmpty() && System.getenv("TRICKLE") == null) tell("started");
    if (!documents.isEmpty()) collection.insertMany(documents, new InsertManyOptions().ordered(false));
    if (System.getenv("TRICKLE") != null)
      for (var document : documents) tell("stored " + document.get("entity_id") + " " + System.nanoTime());
    for (var record : records) committer.markProcessed(record);
    committer.markBatchFinished();
    written += documents.size();
    for (; reached < marks.length && written >= marks[reached]; reached += 1) tell("reached " + marks[reached]);
  }

  private static void tell(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private Document describe(Struct change) {
    Struct source = change.getStruct("source");
    Struct before = change.getStruct("before");
    Struct after = change.getStruct("after");
    String of = String.valueOf(source.getInt64("txId"));
    position = of.equals(transaction) ? position + 1 : 0;
    transaction = of;
    String lsn = String.format("%016x", source.getInt64("lsn"));
    String table = source.getString("table");
    Struct either = after == null ? before : after;
    return new Document("_id", "debezium:" + lsn + ":" + String.format("%08x", position))
        .append("entity_type", table)
        .append("entity_id", String.valueOf(either.get(either.schema().fields().get(0))))
        .append("operation", switch (change.getString("op")) {
          case "c" -> "INSERT";
          case "u" -> "UPDATE";
          default -> "DELETE";
        })
        .append("old_value", row(before))
        .append("new_value", row(after))
        .append("changed_fields", changedFields(before, after))
        .append("changed_by", "postgres")
        .append("changed_at", new Date(source.getInt64("ts_ms")))
        .append("transaction_id", of)
        .append("lsn", lsn)
        .append("position", position)
        .append("schema_name", source.getString("schema"))
        .append("table_name", table)
        .append("source", "direct_sql");
  }

  private static Document row(Struct struct) {
    if (struct == null) return null;
    var row = new Document();
    for (Field field : struct.schema().fields()) {
      Object value = struct.get(field);
      if (value instanceof BigDecimal decimal) value = new Decimal128(decimal);
      else if ("io.debezium.time.ZonedTimestamp".equals(field.schema().name()) && value != null)
        value = Date.from(OffsetDateTime.parse((String) value).toInstant());
      row.append(field.name(), value);
    }
    return row;
  }

  private static List<String> changedFields(Struct before, Struct after) {
    var names = new ArrayList<String>();
    for (Field field : (after == null ? before : after).schema().fields())
      if (before == null || after == null || !Objects.equals(before.get(field), after.get(field)))
        names.add(field.name());
    return names;
  }
}
