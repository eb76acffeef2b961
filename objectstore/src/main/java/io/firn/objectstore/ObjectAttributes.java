package io.firn.objectstore;

/**
 * Everything about an object that its writer chooses, beside key and bytes.
 *
 * @param owner the canonical id of the account that wrote it
 */
public record ObjectAttributes(ObjectMetadata metadata, Tags tags, StorageClass storageClass, String owner) {
    public static final ObjectAttributes DEFAULT =
            new ObjectAttributes(ObjectMetadata.EMPTY, Tags.NONE, StorageClass.STANDARD, "");

    public ObjectAttributes withMetadata(ObjectMetadata newMetadata) {
        return new ObjectAttributes(newMetadata, tags, storageClass, owner);
    }

    public ObjectAttributes withTags(Tags newTags) {
        return new ObjectAttributes(metadata, newTags, storageClass, owner);
    }

    public ObjectAttributes withStorageClass(StorageClass newStorageClass) {
        return new ObjectAttributes(metadata, tags, newStorageClass, owner);
    }

    public ObjectAttributes withOwner(String newOwner) {
        return new ObjectAttributes(metadata, tags, storageClass, newOwner);
    }
}
