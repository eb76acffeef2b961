/**
 * Who may sign requests: the root user and those it adds, kept in one small file.
 *
 * <p>Read {@link io.firn.server.users.User}, then {@link io.firn.server.users.UserStore}. The package refuses to know how a
 * request is signed and what a user may do.
 */
@NullMarked
package io.firn.server.users;

import org.jspecify.annotations.NullMarked;
