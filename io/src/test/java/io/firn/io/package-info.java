@NullMarked
package io.firn.io;

import org.jspecify.annotations.NullMarked;
