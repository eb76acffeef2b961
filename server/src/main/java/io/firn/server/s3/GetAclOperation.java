package io.firn.server.s3;

import io.firn.objectstore.Conditions;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectVersion;
import io.firn.server.http.HeaderList;
import io.firn.server.xml.XmlWriter;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code GET /bucket?acl} and {@code GET /bucket/key?acl}: the owner's FULL_CONTROL and what the canned list adds to it. */
final class GetAclOperation implements Operation {
    private final ObjectStore store;
    private final Owners owners;
    private final boolean isObject;

    /** Of an object when {@code isObject}, else of a bucket. */
    GetAclOperation(ObjectStore store, Owners owners, boolean isObject) {
        this.store = store;
        this.owners = owners;
        this.isObject = isObject;
    }

    @Override
    public void handle(S3Request request) {
        HeaderList headers = request.replyHeaders();
        String owner = request.bucket().owner();
        CannedAcl acl = CannedAcl.of(request.bucket());
        if (isObject) {
            ObjectVersion version = Refusals.valueOf(
                            store.head(new GetObject(
                                    request.bucketName(),
                                    request.key(),
                                    request.versionId(),
                                    Optional.empty(),
                                    OptionalInt.empty(),
                                    Conditions.NONE)),
                            request)
                    .version();
            owner = version.attributes().owner();
            acl = CannedAcl.of(version.attributes());
            ObjectHeaders.addVersionId(headers, version, request.bucket());
        }
        request.reply(headers, document(owner, request.bucket().owner(), acl));
    }

    private XmlWriter document(String owner, String bucketOwner, CannedAcl acl) {
        XmlWriter xml = XmlWriter.document("AccessControlPolicy");
        owners.write(xml, "Owner", owner);
        xml.begin("AccessControlList");
        grantAccount(xml, owner, "FULL_CONTROL");
        switch (acl) {
            case PRIVATE -> {}
            case PUBLIC_READ -> grantGroup(xml, "global/AllUsers", "READ");
            case PUBLIC_READ_WRITE -> {
                grantGroup(xml, "global/AllUsers", "READ");
                grantGroup(xml, "global/AllUsers", "WRITE");
            }
            case AUTHENTICATED_READ -> grantGroup(xml, "global/AuthenticatedUsers", "READ");
            case BUCKET_OWNER_READ -> grantBucketOwner(xml, owner, bucketOwner, "READ");
            case BUCKET_OWNER_FULL_CONTROL -> grantBucketOwner(xml, owner, bucketOwner, "FULL_CONTROL");
        }
        xml.end();
        return xml;
    }

    private void grantBucketOwner(XmlWriter xml, String owner, String bucketOwner, String permission) {
        if (!owner.equals(bucketOwner)) {
            grantAccount(xml, bucketOwner, permission);
        }
    }

    private void grantAccount(XmlWriter xml, String id, String permission) {
        xml.begin("Grant");
        xml.beginTyped("Grantee", "CanonicalUser");
        xml.element("ID", id);
        xml.element("DisplayName", owners.displayName(id));
        xml.end();
        xml.element("Permission", permission);
        xml.end();
    }

    private static void grantGroup(XmlWriter xml, String group, String permission) {
        xml.begin("Grant");
        xml.beginTyped("Grantee", "Group");
        xml.element("URI", "http://acs.amazonaws.com/groups/" + group);
        xml.end();
        xml.element("Permission", permission);
        xml.end();
    }
}
