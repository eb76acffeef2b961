/**
 * Who sent a request and whether its body is what was signed: AWS Signature Version 4 for S3 and the services beside it.
 *
 * <p>Read {@link io.firn.server.auth.SignedRequest} (what is looked at), {@link io.firn.server.auth.SigV4Verifier} (the
 * decision), {@link io.firn.server.auth.AuthOutcome} (its result) and {@link io.firn.server.auth.AwsChunkedDecoder} (bodies
 * that are signed chunk by chunk or end in a trailer).
 *
 * <p>Everything here is a function of its arguments: no clock, no file, no HTTP server. A refusal is a value that carries S3's
 * own code, status, wording and extra fields. The package refuses to know what an identity may do (policies) and to answer
 * Signature Version 2.
 */
@NullMarked
package io.firn.server.auth;

import org.jspecify.annotations.NullMarked;
