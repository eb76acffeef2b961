package io.firn.server.auth;

/**
 * What a SigV4 credential names: {@code AKID/yyyyMMdd/region/service/aws4_request}.
 *
 * @param accessKeyId whose secret signed
 * @param date the day of the signing key, {@code yyyyMMdd}
 * @param region such as {@code us-east-1}
 * @param service {@code s3}, {@code ebs}, {@code ec2}, ...: what the request was signed for
 */
public record CredentialScope(String accessKeyId, String date, String region, String service) {

    static final String TERMINAL = "aws4_request";

    /** The scope as it stands in a string to sign: without the access key. */
    public String text() {
        return date + "/" + region + "/" + service + "/" + TERMINAL;
    }
}
