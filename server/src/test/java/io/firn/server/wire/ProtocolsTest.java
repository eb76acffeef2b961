package io.firn.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpReply;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The protocols over the models that the build made of EC2 and EBS. */
final class ProtocolsTest {
    private static final Protocol EC2 = Protocol.of(ModelTable.load("ec2"));
    private static final Protocol EBS = Protocol.of(ModelTable.load("ebs"));

    private static WireRequest form(String body) {
        return new WireRequest("POST", "/", "", new HeaderList(), body.getBytes(UTF_8));
    }

    private static Fields parseEc2(String body) {
        WireRequest request = form(body);
        return EC2.parse(EC2.operation(request), request);
    }

    @Test
    void queryParametersBecomeATree() {
        Fields input = parseEc2(
                "Action=CreateVolume&Version=2016-11-15&AvailabilityZone=us-east-1a&Size=8&Encrypted=true"
                        + "&TagSpecification.1.ResourceType=volume&TagSpecification.1.Tag.2.Key=b&TagSpecification.1.Tag.2.Value="
                        + "&TagSpecification.1.Tag.1.Key=a+%C3%A9&TagSpecification.1.Tag.1.Value=x&TagSpecification.1.Tag.10.Key=j");
        assertEquals(8, input.number("Size").orElseThrow());
        assertEquals(true, input.truth("Encrypted").orElseThrow());
        Fields specification = input.structures("TagSpecifications").getFirst();
        assertEquals(
                List.of("a é", "b", "j"),
                specification.structures("Tags").stream()
                        .map(tag -> tag.requiredText("Key"))
                        .toList());
        assertEquals("", specification.structures("Tags").get(1).requiredText("Value"));
    }

    @ParameterizedTest
    @CsvSource({
        "Action=DescribeNothing, InvalidAction, 400",
        "Version=2016-11-15, MissingAction, 400",
        "Action=DeleteVolume, MissingParameter, 400",
        "Action=DeleteVolume&VolumeId=vol-1&Color=blue, UnknownParameter, 400",
        "Action=DescribeVolumes&VolumeId=vol-1, UnknownParameter, 400",
        "Action=DescribeVolumes&VolumeId.one=vol-1, UnknownParameter, 400",
        "Action=DescribeVolumes&DryRun=perhaps, InvalidParameterValue, 400",
        "Action=CreateVolume&AvailabilityZone=a&Size=8.5, InvalidParameterValue, 400",
        "Action=CreateVolume&AvailabilityZone=a&VolumeType=gp9, InvalidParameterValue, 400",
        "Action=DescribeVolumes&MaxResults=99999999999, InvalidParameterValue, 400",
        "Action=%zz, MalformedQueryString, 400"
    })
    void whatDoesNotFitEc2IsRefusedInItsWords(String body, String code, int status) {
        ServiceException refused = assertThrows(ServiceException.class, () -> parseEc2(body));
        assertEquals(code, refused.code());
        assertEquals(status, refused.status());
        String xml = new String(EC2.answer(refused, "r-1").body(), UTF_8);
        assertTrue(xml.contains("<Response><Errors><Error><Code>" + code + "</Code><Message>"), xml);
        assertTrue(xml.endsWith("</Error></Errors><RequestID>r-1</RequestID></Response>"), xml);
    }

    @Test
    void ec2AnswersInXml() {
        OperationModel create = EC2.operation(form("Action=CreateVolume"));
        Fields volume = new Fields()
                .put("VolumeId", "vol-0123456789abcdef0")
                .put("Size", 8)
                .put("State", "creating")
                .put("CreateTime", Instant.parse("2026-11-25T10:00:00Z"))
                .put("Attachments", List.of())
                .put("Tags", List.of(new Fields().put("Key", "a").put("Value", "<b>")));
        String xml = new String(EC2.answer(create, volume, "r-1").body(), UTF_8);
        assertTrue(
                xml.contains(
                        "<CreateVolumeResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r-1</requestId>"),
                xml);
        assertTrue(xml.contains("<createTime>2026-11-25T10:00:00.000Z</createTime>"), xml);
        assertTrue(xml.contains("<attachmentSet></attachmentSet>"), xml);
        assertTrue(xml.contains("<tagSet><item><key>a</key><value>&lt;b&gt;</value></item></tagSet>"), xml);
        OperationModel delete = EC2.operation(form("Action=DeleteVolume"));
        assertTrue(new String(EC2.answer(delete, new Fields(), "r-2").body(), UTF_8)
                .contains("<requestId>r-2</requestId><return>true</return>"));
        assertThrows(IllegalStateException.class, () -> EC2.answer(create, new Fields().put("Colour", "blue"), "r-3"));
    }

    @Test
    void aBlockTravelsAsTheBody() {
        HeaderList headers = new HeaderList()
                .add("x-amz-data-length", "3")
                .add("x-amz-checksum", "abc=")
                .add("x-amz-checksum-algorithm", "SHA256");
        byte[] block = {1, 2, 3};
        WireRequest put = new WireRequest("PUT", "/snapshots/snap-0123456789abcdef0/blocks/7", "", headers, block);
        OperationModel operation = EBS.operation(put);
        assertEquals("PutSnapshotBlock", operation.name());
        assertTrue(operation.isBodyUnsigned());
        Fields input = EBS.parse(operation, put);
        assertEquals("snap-0123456789abcdef0", input.requiredText("SnapshotId"));
        assertEquals(7, input.number("BlockIndex").orElseThrow());
        assertArrayEquals(block, input.bytes("BlockData").orElseThrow());

        WireRequest get = new WireRequest(
                "GET", "/snapshots/snap-0123456789abcdef0/blocks/7", "blockToken=abc", new HeaderList(), new byte[0]);
        HttpReply reply = EBS.answer(
                EBS.operation(get),
                new Fields()
                        .put("DataLength", 3)
                        .put("BlockData", new Value.Bytes(block))
                        .put("Checksum", "abc="),
                "r-1");
        assertArrayEquals(block, reply.body());
        assertEquals("3", reply.headers().first("x-amz-Data-Length").orElseThrow());
        assertEquals(
                "application/octet-stream",
                reply.headers().first("Content-Type").orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /snapshots, {}, ValidationException, 400",
        "POST, /snapshots, {\"VolumeSize\": 0}, ValidationException, 400",
        "POST, /snapshots, {\"VolumeSize\": \"8\"}, SerializationException, 400",
        "POST, /snapshots, {, SerializationException, 400",
        "GET, /snapshots/not-a-snapshot/blocks, '', ValidationException, 400",
        "GET, /snapshot, '', UnknownOperationException, 404"
    })
    void whatDoesNotFitEbsIsRefusedInItsWords(String method, String path, String body, String code, int status) {
        WireRequest request = new WireRequest(method, path, "", new HeaderList(), body.getBytes(UTF_8));
        ServiceException refused =
                assertThrows(ServiceException.class, () -> EBS.parse(EBS.operation(request), request));
        assertEquals(code, refused.code());
        HttpReply reply = EBS.answer(refused, "r-1");
        assertEquals(status, reply.status());
        assertEquals(code, reply.headers().first("x-amzn-ErrorType").orElseThrow());
        boolean hasReason = new String(reply.body(), UTF_8).contains("\"Reason\":\"INVALID_PARAMETER_VALUE\"");
        assertEquals(code.equals("ValidationException"), hasReason);
    }

    @Test
    void theTableGivesTheModelBack() throws Exception {
        ServiceModel model = ModelTable.load("ec2");
        byte[] table = ModelTable.write(model);
        assertArrayEquals(table, ModelTable.write(ModelTable.read(new ByteArrayInputStream(table))));
        assertTrue(model.operations().size() > 600);
    }
}
