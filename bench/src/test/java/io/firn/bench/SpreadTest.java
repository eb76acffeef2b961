package io.firn.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void medianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
        Spread spread = new Spread();
        assertThrows(IllegalStateException.class, spread::median);
        spread.add(30);
        spread.add(10);
        spread.add(20);
        assertEquals(20, spread.median());
        spread.add(40);
        assertEquals(25, spread.median());
        assertEquals("25.0 (10.0 to 40.0)", spread.text());
    }

    @Test
    void numbersKeepThreeDigits() {
        assertEquals("1.23", Spread.number(1.234));
        assertEquals("12.3", Spread.number(12.34));
        assertEquals("12,345", Spread.number(12_345.4));
    }
}
