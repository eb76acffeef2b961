package io.firn.server.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The compact form of a {@link ServiceModel}: EC2's 3 MB of JSON become some 250 KB that are read in tens of milliseconds.
 *
 * <pre>
 *   table      = count:int (utf)*                        the texts, each once; "text" below is an index into them
 *                about:6 text
 *                count:int shape*
 *                count:int operation*
 *   shape      = kind:byte name:text ...                 as the reader below has it for each kind
 *   member     = name:text shape:int location:byte locationName:text queryName:text format:byte flags:byte
 *   operation  = name:text method:text uri:text status:short input:int output:int unsigned:boolean     (-1 for none)
 * </pre>
 *
 * <p>It is made by the build from the same sources as its reader, and lives in the same jar: it has no version and no compatibility.
 */
public final class ModelTable {
    private static final int STRUCTURE = 0;
    private static final int SEQUENCE = 1;
    private static final int DICTIONARY = 2;
    private static final int TEXT = 3;
    private static final int WHOLE = 4;
    private static final int REAL = 5;
    private static final int TRUTH = 6;
    private static final int BLOB = 7;
    private static final int MOMENT = 8;
    private static final int DOCUMENT = 9;
    private static final Member.Location[] LOCATIONS = Member.Location.values();
    private static final TimestampFormat[] FORMATS = TimestampFormat.values();

    private ModelTable() {}

    /** The table of {@code model}. */
    public static byte[] write(ServiceModel model) {
        try {
            return new Writer().write(model);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    /** The model whose table lies beside this class under the service's name. */
    public static ServiceModel load(String service) {
        try (InputStream in = ModelTable.class.getResourceAsStream(service + ".model")) {
            if (in == null) {
                throw new IllegalStateException("the build left no model of " + service);
            }
            return read(in);
        } catch (IOException e) {
            throw new IllegalStateException("the model of " + service + " cannot be read", e);
        }
    }

    static ServiceModel read(InputStream in) throws IOException {
        return new Reader(new DataInputStream(new BufferedInputStream(in, 1 << 16))).read();
    }

    @SuppressWarnings("EnumOrdinal") // the table and its reader are of one build
    private static final class Writer {
        private final Map<String, Integer> texts = new LinkedHashMap<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);

        byte[] write(ServiceModel model) throws IOException {
            ServiceModel.About about = model.about();
            for (String text : List.of(
                    about.name(),
                    about.protocol(),
                    about.apiVersion(),
                    about.jsonVersion(),
                    about.targetPrefix(),
                    about.xmlNamespace())) {
                text(text);
            }
            List<Shape> shapes = model.shapes();
            out.writeInt(shapes.size());
            for (Shape shape : shapes) {
                shape(shape);
            }
            out.writeInt(model.operations().size());
            for (OperationModel operation : model.operations()) {
                text(operation.name());
                text(operation.method());
                text(operation.uri());
                out.writeShort(operation.status());
                out.writeInt(operation.input().map(shapes::indexOf).orElse(-1));
                out.writeInt(operation.output().map(shapes::indexOf).orElse(-1));
                out.writeBoolean(operation.isBodyUnsigned());
            }
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            DataOutputStream head = new DataOutputStream(whole);
            head.writeInt(texts.size());
            for (String text : texts.keySet()) {
                head.writeUTF(text);
            }
            bytes.writeTo(head);
            return whole.toByteArray();
        }

        private void text(String text) throws IOException {
            Integer index = texts.putIfAbsent(text, texts.size());
            out.writeInt(index == null ? texts.size() - 1 : index);
        }

        private void shape(Shape shape) throws IOException {
            switch (shape) {
                case Shape.Structure structure -> {
                    head(STRUCTURE, structure);
                    text(structure.payload());
                    out.writeBoolean(structure.isUnion());
                    text(structure.errorCode());
                    out.writeShort(structure.errorStatus());
                    out.writeShort(structure.members().size());
                    for (Member member : structure.members()) {
                        member(member);
                    }
                }
                case Shape.Sequence sequence -> {
                    head(SEQUENCE, sequence);
                    member(sequence.element());
                    out.writeBoolean(sequence.isFlattened());
                    bounds(sequence.size());
                }
                case Shape.Dictionary dictionary -> {
                    head(DICTIONARY, dictionary);
                    member(dictionary.key());
                    member(dictionary.value());
                    out.writeBoolean(dictionary.isFlattened());
                    bounds(dictionary.size());
                }
                case Shape.Text text -> {
                    head(TEXT, text);
                    bounds(text.length());
                    text(text.pattern());
                    out.writeShort(text.values().size());
                    for (String value : text.values()) {
                        text(value);
                    }
                }
                case Shape.Whole whole -> {
                    head(WHOLE, whole);
                    out.writeByte(whole.bits());
                    bounds(whole.range());
                }
                case Shape.Real real -> {
                    head(REAL, real);
                    bounds(real.range());
                }
                case Shape.Truth truth -> head(TRUTH, truth);
                case Shape.Blob blob -> {
                    head(BLOB, blob);
                    out.writeBoolean(blob.isStreaming());
                    bounds(blob.length());
                }
                case Shape.Moment moment -> {
                    head(MOMENT, moment);
                    out.writeByte(moment.format().ordinal());
                }
                case Shape.Document document -> head(DOCUMENT, document);
            }
        }

        private void head(int kind, Shape shape) throws IOException {
            out.writeByte(kind);
            text(shape.name());
        }

        private void bounds(Bounds bounds) throws IOException {
            out.writeBoolean(!bounds.equals(Bounds.NONE));
            if (!bounds.equals(Bounds.NONE)) {
                out.writeDouble(bounds.least());
                out.writeDouble(bounds.most());
            }
        }

        private void member(Member member) throws IOException {
            Member.Traits traits = member.traits();
            text(member.name());
            out.writeInt(member.shapeIndex());
            out.writeByte(traits.location().ordinal());
            text(traits.locationName());
            text(traits.queryName());
            out.writeByte(traits.timestampFormat().ordinal());
            out.writeByte(traits.flags());
        }
    }

    private static final class Reader {
        private final DataInputStream in;
        private String[] texts = {};
        private Shape[] table = {};

        Reader(DataInputStream in) {
            this.in = in;
        }

        ServiceModel read() throws IOException {
            texts = new String[in.readInt()];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = in.readUTF();
            }
            ServiceModel.About about = new ServiceModel.About(text(), text(), text(), text(), text(), text());
            table = new Shape[in.readInt()];
            for (int i = 0; i < table.length; i++) {
                table[i] = shape();
            }
            OperationModel[] operations = new OperationModel[in.readInt()];
            for (int i = 0; i < operations.length; i++) {
                operations[i] = new OperationModel(
                        text(), text(), text(), in.readShort(), structure(), structure(), in.readBoolean());
            }
            return new ServiceModel(about, table, Arrays.asList(operations));
        }

        private String text() throws IOException {
            return texts[in.readInt()];
        }

        private Optional<Shape.Structure> structure() throws IOException {
            int index = in.readInt();
            return index >= 0 && table[index] instanceof Shape.Structure structure
                    ? Optional.of(structure)
                    : Optional.empty();
        }

        private Shape shape() throws IOException {
            int kind = in.readByte();
            String name = text();
            return switch (kind) {
                case STRUCTURE -> {
                    String payload = text();
                    boolean isUnion = in.readBoolean();
                    String errorCode = text();
                    int errorStatus = in.readShort();
                    int count = in.readShort();
                    List<Member> members = new ArrayList<>(count);
                    for (int i = 0; i < count; i++) {
                        members.add(member());
                    }
                    yield new Shape.Structure(name, members, payload, isUnion, errorCode, errorStatus);
                }
                case SEQUENCE -> new Shape.Sequence(name, member(), in.readBoolean(), bounds());
                case DICTIONARY -> new Shape.Dictionary(name, member(), member(), in.readBoolean(), bounds());
                case TEXT -> {
                    Bounds length = bounds();
                    String pattern = text();
                    String[] values = new String[in.readShort()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = text();
                    }
                    yield new Shape.Text(name, length, pattern, Arrays.asList(values));
                }
                case WHOLE -> new Shape.Whole(name, in.readByte(), bounds());
                case REAL -> new Shape.Real(name, bounds());
                case TRUTH -> new Shape.Truth(name);
                case BLOB -> new Shape.Blob(name, in.readBoolean(), bounds());
                case MOMENT -> new Shape.Moment(name, FORMATS[in.readByte()]);
                case DOCUMENT -> new Shape.Document(name);
                default -> throw new IOException("no shape has the kind " + kind);
            };
        }

        private Bounds bounds() throws IOException {
            return in.readBoolean() ? new Bounds(in.readDouble(), in.readDouble()) : Bounds.NONE;
        }

        private Member member() throws IOException {
            String name = text();
            int index = in.readInt();
            Member.Location location = LOCATIONS[in.readByte()];
            Member.Traits traits = new Member.Traits(location, text(), text(), FORMATS[in.readByte()], in.readByte());
            return new Member(name, traits, table, index);
        }
    }
}
