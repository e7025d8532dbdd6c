/* test-wire.c: bytes of a connection are cut into messages and lines, however they come
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-wire-private.h"
#include "trace/weft-run-file.h"

#include <string.h>

/* What a stream says, in whole: each message or line on a line of its own. */
typedef struct
{
  GString *said;
  GError *error;
  uint64_t error_offset;
} Heard;

static void
heard_clear (Heard *heard)
{
  g_string_free (heard->said, TRUE);
  g_clear_error (&heard->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Heard, heard_clear)

static void
say_bytes (GString *said, const uint8_t *bytes, size_t n_bytes)
{
  g_autofree char *digest = g_compute_checksum_for_data (G_CHECKSUM_MD5, bytes, n_bytes);

  g_string_append_printf (said, "%zu %s\n", n_bytes, digest);
}

static void
hear_message (Heard *heard, WeftWire *wire, const WeftWireMessage *message)
{
  const WeftWireHead *head = &message->head;
  const char *line;
  size_t at = 0, n_chars;

  if (wire->form == WEFT_WIRE_AS_LINES)
    {
      while (_weft_wire_next_line (wire, message, &at, &line, &n_chars))
        say_bytes (heard->said, (const uint8_t *) line, n_chars);
      return;
    }
  g_assert_cmpuint ((uintptr_t) message->payload % WEFT_WIRE_ALIGN, ==, 0);
  g_string_append_printf (heard->said, "%u %u %u %u at %" G_GUINT64_FORMAT " ", head->kind,
                          head->flags, head->channel, head->lane, message->offset);
  say_bytes (heard->said, message->payload, head->n_bytes);
}

/* Gives the bytes in pieces of at most @most_piece, of random length. */
static Heard
hear (const uint8_t *bytes, size_t n_bytes, size_t most_piece, const WeftWireLimits *limits)
{
  Heard heard = { .said = g_string_new (NULL) };
  WeftWire wire;
  WeftWireMessage message;

  _weft_wire_init (&wire, limits);
  while (n_bytes > 0)
    {
      size_t room, n = (size_t) g_test_rand_int_range (1, (int) most_piece + 1);
      uint8_t *to = _weft_wire_room (&wire, &room);

      n = MIN (MIN (n, n_bytes), room);
      memcpy (to, bytes, n);
      _weft_wire_received (&wire, n);
      bytes += n;
      n_bytes -= n;
      while (_weft_wire_next (&wire, &message) == WEFT_WIRE_MESSAGE)
        hear_message (&heard, &wire, &message);
      if (wire.error != NULL)
        break;
    }
  _weft_wire_finish (&wire);
  if (wire.error != NULL)
    heard.error = g_error_copy (wire.error);
  heard.error_offset = wire.error_offset;
  _weft_wire_clear (&wire);
  return heard;
}

static Heard
hear_text (const char *text, const WeftWireLimits *limits)
{
  return hear ((const uint8_t *) text, strlen (text), strlen (text), limits);
}

static GByteArray *
begin_stream (void)
{
  GByteArray *stream = g_byte_array_new ();

  g_byte_array_append (stream, (const guint8 *) WEFT_WIRE_PREAMBLE, WEFT_WIRE_PREAMBLE_BYTES);
  return stream;
}

static void
append (GByteArray *stream, uint16_t kind, const void *payload, size_t n_bytes)
{
  _weft_wire_append (stream, (WeftWireHead){ .kind = kind, .channel = 1, .lane = 7 },
                     &(struct iovec){ (void *) payload, n_bytes }, 1);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void
append_random (GByteArray *stream, GString *said)
{
  WeftWireHead head = { .kind = (uint16_t) (g_test_rand_int_range (0, 2)
                                                ? g_test_rand_int_range (1, 14)
                                                : g_test_rand_int_range (256, 259)),
                        .flags = (uint16_t) g_test_rand_int_range (0, 65536),
                        .channel = (uint32_t) g_test_rand_int (),
                        .lane = (uint32_t) g_test_rand_int () };
  size_t n_bytes = (size_t) g_test_rand_int_range (0, 100000);
  size_t n_first = n_bytes / 3;
  g_autofree uint8_t *payload = g_malloc (n_bytes + 1);
  struct iovec parts[2] = { { payload, n_first }, { payload + n_first, n_bytes - n_first } };
  uint64_t offset = stream->len + WEFT_WIRE_HEAD_BYTES;

  for (size_t i = 0; i < n_bytes; i++)
    payload[i] = (uint8_t) (i * 31 + n_bytes);
  _weft_wire_append (stream, head, parts, 2);
  g_assert_cmpuint (stream->len % WEFT_WIRE_ALIGN, ==, 0);
  g_string_append_printf (said, "%u %u %u %u at %" G_GUINT64_FORMAT " ", head.kind, head.flags,
                          head.channel, head.lane, offset);
  say_bytes (said, payload, n_bytes);
}

static void
test_messages_however_cut (void)
{
  const size_t most_pieces[] = { 1, 7, 1000, 65536, 1 << 20 };
  WeftWireLimits limits = WEFT_WIRE_LIMITS_DEFAULT;

  for (uint32_t i = 0; i < G_N_ELEMENTS (most_pieces); i++)
    {
      g_autoptr (GByteArray) stream = begin_stream ();
      g_autoptr (GString) said = g_string_new (NULL);

      for (int k = g_test_rand_int_range (1, i == 0 ? 4 : 40); k > 0; k--)
        append_random (stream, said);
      g_auto (Heard) heard = hear (stream->data, stream->len, most_pieces[i], &limits);
      g_assert_no_error (heard.error);
      g_assert_cmpstr (heard.said->str, ==, said->str);
    }
}

static void
test_layout_of_a_message (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const uint8_t expected[24] = { 3, 0, 0, 0, 0, 1, 2, 0, 5, 0, 0, 0, 9, 0, 0, 0, 'a', 'b', 'c' };

  _weft_wire_append (bytes,
                     (WeftWireHead){ .kind = WEFT_WIRE_JSON, .flags = 2, .channel = 5, .lane = 9 },
                     (struct iovec[]){ { (void *) "a", 1 }, { (void *) "bc", 2 } }, 2);
  g_assert_cmpmem (bytes->data, bytes->len, expected, sizeof expected);
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static void
expect_broken (GByteArray *stream, WeftWireError code, uint64_t offset, const char *said,
               const char *part_of_message)
{
  WeftWireLimits limits = { .most_message_bytes = 1000, .most_line_bytes = 100 };
  const size_t most_pieces[] = { 1, 5, 100000 };

  for (uint32_t i = 0; i < G_N_ELEMENTS (most_pieces); i++)
    {
      g_auto (Heard) heard = hear (stream->data, stream->len, most_pieces[i], &limits);

      g_assert_error (heard.error, WEFT_WIRE_ERROR, (int) code);
      g_assert_nonnull (strstr (heard.error->message, part_of_message));
      g_assert_cmpuint (heard.error_offset, ==, offset);
      g_assert_cmpstr (heard.said->str, ==, said);
    }
}

static void
test_broken_heads (void)
{
  const uint16_t kinds[] = { 0, 14, 255, 269, 65535 };
  g_autoptr (GString) said = g_string_new ("256 0 1 7 at 24 ");

  say_bytes (said, (const uint8_t *) "{}", 2);
  for (uint32_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GByteArray) stream = begin_stream ();

      append (stream, WEFT_WIRE_JSON, "{}", 2);
      append (stream, kinds[i], "{}", 2);
      append (stream, WEFT_WIRE_JSON, "{}", 2);
      expect_broken (stream, WEFT_WIRE_ERROR_MALFORMED, 32, said->str, "unknown kind");
    }
}

static void
test_too_large (void)
{
  g_autofree uint8_t *payload = g_malloc0 (1001);
  g_autoptr (GByteArray) fits = begin_stream ();
  g_autoptr (GByteArray) does_not = begin_stream ();
  WeftWireLimits limits = { .most_message_bytes = 1000, .most_line_bytes = 100 };

  append (fits, WEFT_WIRE_BYTES, payload, 1000);
  g_auto (Heard) heard = hear (fits->data, fits->len, 100, &limits);
  g_assert_no_error (heard.error);
  append (does_not, WEFT_WIRE_BYTES, payload, 1001);
  expect_broken (does_not, WEFT_WIRE_ERROR_TOO_LARGE, 8, "", "1001 bytes, expected at most 1000");
}

/* Refused by what the head says, before any of the payload is there. */
static void
test_announced_is_not_reserved (void)
{
  WeftWireLimits limits = WEFT_WIRE_LIMITS_DEFAULT;
  WeftWireHead head = { .kind = WEFT_WIRE_BYTES, .n_bytes = limits.most_message_bytes };
  WeftWireMessage message;
  WeftWire wire;
  size_t room;

  _weft_wire_init (&wire, &limits);
  uint8_t *to = _weft_wire_room (&wire, &room);
  memcpy (to, WEFT_WIRE_PREAMBLE, WEFT_WIRE_PREAMBLE_BYTES);
  memcpy (to + WEFT_WIRE_PREAMBLE_BYTES, &head, sizeof head);
  _weft_wire_received (&wire, WEFT_WIRE_PREAMBLE_BYTES + sizeof head);
  g_assert_cmpint (_weft_wire_next (&wire, &message), ==, WEFT_WIRE_MORE);
  _weft_wire_room (&wire, &room);
  g_assert_cmpuint (wire.capacity, <=, 1 << 20);
  _weft_wire_clear (&wire);
}

/* After a large message the buffer is small again. */
static void
test_large_is_given_back (void)
{
  WeftWireLimits limits = WEFT_WIRE_LIMITS_DEFAULT;
  g_autofree uint8_t *payload = g_malloc0 (8 << 20);
  g_autoptr (GByteArray) stream = begin_stream ();
  WeftWireMessage message;
  WeftWire wire;
  size_t room, at = 0, most = 0;

  append (stream, WEFT_WIRE_BYTES, payload, 8 << 20);
  _weft_wire_init (&wire, &limits);
  while (at < stream->len)
    {
      uint8_t *to = _weft_wire_room (&wire, &room);

      room = MIN (room, stream->len - at);
      memcpy (to, stream->data + at, room);
      _weft_wire_received (&wire, room);
      at += room;
      most = MAX (most, wire.capacity);
      if (at < stream->len)
        g_assert_cmpint (_weft_wire_next (&wire, &message), ==, WEFT_WIRE_MORE);
    }
  g_assert_cmpint (_weft_wire_next (&wire, &message), ==, WEFT_WIRE_MESSAGE);
  g_assert_cmpuint (most, <=, 4u * (8 << 20));
  _weft_wire_room (&wire, &room);
  g_assert_cmpuint (wire.capacity, <=, 1 << 20);
  _weft_wire_clear (&wire);
}

static void
test_cut_off (void)
{
  g_autoptr (GByteArray) stream = begin_stream ();
  WeftWireLimits limits = WEFT_WIRE_LIMITS_DEFAULT;
  guint n_first, n_bytes;

  append (stream, WEFT_WIRE_JSON, "{}", 2);
  n_first = stream->len;
  append (stream, WEFT_WIRE_JSON, "{\"a\": 1}", 8);
  n_bytes = stream->len;
  for (guint n = 1; n <= n_bytes; n++)
    {
      g_auto (Heard) heard = hear (stream->data, n, 3, &limits);

      if (n == WEFT_WIRE_PREAMBLE_BYTES || n == n_first || n == n_bytes)
        g_assert_no_error (heard.error);
      else
        g_assert_error (heard.error, WEFT_WIRE_ERROR, WEFT_WIRE_ERROR_CUT_OFF);
      if (n > WEFT_WIRE_PREAMBLE_BYTES && n != n_bytes)
        g_assert_cmpuint (heard.error_offset, ==,
                          n == n_first  ? 0
                          : n < n_first ? WEFT_WIRE_PREAMBLE_BYTES
                                        : n_first);
    }
}

static void
test_other_protocols (void)
{
  WeftWireLimits limits = WEFT_WIRE_LIMITS_DEFAULT;
  const char *others[] = { "GET / HTTP/1.1\r\n", "\x16\x03\x01", " {}", "WEFTSOCX", "[1]", "Weft" };
  const uint64_t offsets[] = { 0, 0, 0, 7, 0, 1 };

  for (uint32_t i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_auto (Heard) heard = hear_text (others[i], &limits);

      g_assert_error (heard.error, WEFT_WIRE_ERROR, WEFT_WIRE_ERROR_NOT_SPOKEN);
      g_assert_cmpuint (heard.error_offset, ==, offsets[i]);
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void
append_line (GString *stream, GString *said)
{
  const char *ends[] = { "\n", "\r\n", "\n\n", "\r\n\n" };
  size_t n = (size_t) g_test_rand_int_range (2, g_test_rand_int_range (3, 20000));
  g_autofree char *line = g_malloc (n);

  memset (line, 'x', n);
  line[0] = '{';
  line[n - 1] = '}';
  say_bytes (said, (const uint8_t *) line, n);
  g_string_append_len (stream, line, (gssize) n);
  g_string_append (stream, ends[g_test_rand_int_range (0, G_N_ELEMENTS (ends))]);
}

static void
test_lines_however_cut (void)
{
  const size_t most_pieces[] = { 1, 50, 3000, 1 << 20 };
  WeftWireLimits limits = WEFT_WIRE_LIMITS_DEFAULT;

  for (uint32_t i = 0; i < G_N_ELEMENTS (most_pieces); i++)
    {
      g_autoptr (GString) stream = g_string_new (NULL);
      g_autoptr (GString) said = g_string_new (NULL);

      for (int k = g_test_rand_int_range (1, i == 0 ? 4 : 300); k > 0; k--)
        append_line (stream, said);
      g_auto (Heard) heard =
          hear ((const uint8_t *) stream->str, stream->len, most_pieces[i], &limits);
      g_assert_no_error (heard.error);
      g_assert_cmpstr (heard.said->str, ==, said->str);
    }
}

static void
test_long_lines (void)
{
  for (int n = 98; n <= 103; n++)
    {
      g_autofree char *long_line = g_strnfill ((gsize) n - 2, 'x');
      g_autofree char *text = g_strdup_printf ("{}\n{%s}\n{}\n", long_line);
      g_autoptr (GString) said = g_string_new (NULL);
      GByteArray stream = { .data = (guint8 *) text, .len = (guint) strlen (text) };
      WeftWireLimits limits = { .most_message_bytes = 1000, .most_line_bytes = 100 };

      say_bytes (said, (const uint8_t *) "{}", 2);
      if (n > 100)
        {
          expect_broken (&stream, WEFT_WIRE_ERROR_TOO_LARGE, 3, said->str, "more than 100 bytes");
          continue;
        }
      g_auto (Heard) heard = hear_text (text, &limits);
      g_assert_no_error (heard.error);
    }
}

/* A line without end takes no more memory than the limit says. */
static void
test_endless_line (void)
{
  WeftWireLimits limits = WEFT_WIRE_LIMITS_DEFAULT;
  WeftWireMessage message;
  WeftWire wire;
  WeftWireStatus status;
  size_t n_bytes = 0, room;

  _weft_wire_init (&wire, &limits);
  do
    {
      memset (_weft_wire_room (&wire, &room), '{', 1000);
      _weft_wire_received (&wire, 1000);
      n_bytes += 1000;
      status = _weft_wire_next (&wire, &message);
    }
  while (status == WEFT_WIRE_MORE);
  g_assert_error (wire.error, WEFT_WIRE_ERROR, WEFT_WIRE_ERROR_TOO_LARGE);
  g_assert_cmpuint (n_bytes, <=, limits.most_line_bytes + 1001);
  _weft_wire_clear (&wire);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weft/server/wire/messages-however-cut", test_messages_however_cut);
  g_test_add_func ("/weft/server/wire/layout-of-a-message", test_layout_of_a_message);
  g_test_add_func ("/weft/server/wire/broken-heads", test_broken_heads);
  g_test_add_func ("/weft/server/wire/too-large", test_too_large);
  g_test_add_func ("/weft/server/wire/announced-is-not-reserved", test_announced_is_not_reserved);
  g_test_add_func ("/weft/server/wire/large-is-given-back", test_large_is_given_back);
  g_test_add_func ("/weft/server/wire/cut-off", test_cut_off);
  g_test_add_func ("/weft/server/wire/other-protocols", test_other_protocols);
  g_test_add_func ("/weft/server/wire/lines-however-cut", test_lines_however_cut);
  g_test_add_func ("/weft/server/wire/long-lines", test_long_lines);
  g_test_add_func ("/weft/server/wire/endless-line", test_endless_line);
  return g_test_run ();
}
