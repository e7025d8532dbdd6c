/* test-report-columns-bad.c: what columns cannot say is refused, with its place
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A message that is fine is spoiled at one place at a time. It is refused then, nothing of it is
 * taken, and as it was it is taken still.
 */
#include "config.h"

#include "columns-fixture.h"
#include "graph/weft-graph.h"
#include "test-support.h"

/* A message that is fine, with a place of it spoiled: what is said then, and of which byte. */
typedef struct
{
  uint16_t kind;
  uint16_t flags;
  uint32_t at, n_bytes; /* of the value that is put there; 0: none */
  uint64_t value;
  int32_t cut; /* so many bytes less, or more */
  uint64_t offset;
  const char *message;
} Bad;

#define KEYS WEFT_WIRE_KEYS
#define READS WEFT_WIRE_READS
#define GROUP WEFT_WIRE_GROUP
#define WANTED WEFT_WIRE_WANTED
#define SPANS WEFT_WIRE_SPANS
#define KEYED WEFT_WIRE_KEYED_SPANS
#define TOP (UINT64_C (1) << 63)

/* The first, how many, "cd", "e", each with a zero byte: 13 bytes. */
static const Bad bad_keys[] = {
  { KEYS, 0, 0, 0, 0, 6, 0, "found 7 bytes, expected a number, a count and keys" },
  { KEYS, 0, 0, 4, 1, 0, 0, "found the first task's number 1, expected 2" },
  { KEYS, 0, 0, 4, 3, 0, 0, "found the first task's number 3, expected 2" },
  { KEYS, 0, 4, 4, UINT32_MAX, 0, 4, "found 4294967295 tasks, expected no more than" },
  { KEYS, 0, 4, 4, 3, 0, 13, "found 2 keys, expected 3, each with a zero byte behind it" },
  { KEYS, 0, 4, 4, 1, 0, 11, "found 2 bytes behind the last key, expected 0" },
  { KEYS, 0, 0, 0, 0, 1, 11, "found 1 keys, expected 2" },
  { KEYS, 0, 0, 0, 0, 2, 11, "found 1 keys, expected 2" },
  { KEYS, 0, 0, 0, 0, -1, 13, "found 1 bytes behind the last key" },
  { KEYS, 0, 11, 1, 0, 0, 11, "found an empty key" },
  { KEYS, 0, 9, 1, 0xff, 0, 8, "found the byte 0xff in a key" },
  { KEYS, 1, 0, 0, 0, 0, 0, "found a message with the flags 0x1, expected 0" },
};

/* The first (0), how many (2), the counts 0 and 2, the inputs 0 and 0: 24 bytes. */
static const Bad bad_reads[] = {
  { READS, 0, 0, 0, 0, 17, 4, "found 7 bytes, expected a number, a count" },
  { READS, 0, 0, 0, 0, 1, 20, "found 23 bytes, expected a number, a count" },
  { READS, 0, 0, 4, 1, 0, 0, "found 2 tasks from 1 on, expected none above 2" },
  { READS, 0, 0, 4, 3, 0, 0, "found 2 tasks from 3 on" },
  { READS, 0, 4, 4, UINT32_MAX, 0, 0, "found 4294967295 tasks from 0 on" },
  { READS, 0, 0, 0, 0, 12, 4, "found 2 tasks, expected at most 1, the counts that follow" },
  { READS, 0, 8, 4, 3, 0, 8, "found 3 inputs of task 0, expected at most 2" },
  { READS, 0, 12, 4, UINT32_MAX, 0, 12, "found 4294967295 inputs of task 1, expected at most 2" },
  { READS, 0, 12, 4, 1, 0, 20, "found 1 inputs behind those of the last task, expected 0" },
  { READS, 0, 0, 0, 0, 4, 12, "found 2 inputs of task 1, expected at most 1" },
  { READS, 0, 0, 0, 0, -4, 24, "found 1 inputs behind those of the last task" },
  { READS, 0, 20, 4, 2, 0, 20, "found task 2, expected one below 2" },
  { READS, 0, 20, 4, 1, 0, 20, "found task 1 reading itself, expected another task's result" },
  { READS, 1, 0, 0, 0, 0, 0, "found a message with the flags 0x1, expected 0" },
};

/* The name's length (5), "group", three zeros, the tasks 0 and 1: 20 bytes. */
static const Bad bad_groups[] = {
  { GROUP, 0, 0, 0, 0, 17, 0, "found 3 bytes, expected a group's name and its tasks" },
  { GROUP, 0, 0, 4, 17, 0, 0, "found a text of 17 bytes, expected at most 16, the rest of" },
  { GROUP, 0, 0, 4, UINT32_MAX, 0, 0, "found a text of 4294967295 bytes" },
  { GROUP, 0, 5, 1, 0xff, 0, 5, "found the byte 0xff in a text, expected UTF-8 without a zero" },
  { GROUP, 0, 5, 1, 0, 0, 5, "found the byte 0x00 in a text" },
  { GROUP, 0, 10, 1, 7, 0, 10, "found the byte 0x07 behind a text, expected zeros up to a mult" },
  { GROUP, 0, 0, 4, 3, 0, 7, "found the byte 0x75 behind a text" },
  { GROUP, 0, 0, 0, 0, 9, 11, "found the message's end, expected zeros up to a multiple of 4" },
  { GROUP, 0, 0, 0, 0, 1, 16, "found a part of a number at the end" },
  { GROUP, 0, 16, 4, 2, 0, 16, "found task 2, expected one below 2" },
  { GROUP, 1, 0, 0, 0, 0, 0, "found a message with the flags 0x1, expected 0" },
};

/* The tasks 0 and 1: 8 bytes. */
static const Bad bad_wanted[] = {
  { WANTED, 0, 0, 0, 0, 1, 4, "found a part of a number at the end" },
  { WANTED, 0, 4, 4, 2, 0, 4, "found task 2, expected one below 2" },
  { WANTED, 1, 0, 0, 0, 0, 0, "found a message with the flags 0x1, expected 0" },
};

/* How many (2), the name's length (2), the thread, "w9" and six zeros, starts from 24 on, ends from
 * 40, bytes from 56, tasks from 72: 80 bytes. The spans are 100 to 200 and 50 to 300. */
static const Bad bad_spans[] = {
  { SPANS, 1, 0, 0, 0, 65, 0, "found 15 bytes, expected a thread and its spans" },
  { SPANS, 1, 0, 4, 1, 0, 0, "found 1 spans in 80 bytes, expected 52 bytes" },
  { SPANS, 1, 0, 4, UINT32_MAX, 0, 0, "found 4294967295 spans in 80 bytes, expected 120259084284" },
  { SPANS, 0, 0, 0, 0, 0, 0, "found 2 spans in 80 bytes, expected 64 bytes" },
  { SPANS, 1, 0, 0, 0, 4, 0, "found 2 spans in 76 bytes, expected 80 bytes" },
  { SPANS, 1, 0, 0, 0, -1, 0, "found 2 spans in 81 bytes, expected 80 bytes" },
  { SPANS, 1, 4, 4, 65, 0, 4, "found a text of 65 bytes, expected at most 64" },
  { SPANS, 1, 4, 4, UINT32_MAX, 0, 4, "found a text of 4294967295 bytes" },
  { SPANS, 1, 8, 8, TOP, 0, 8, "found the thread 9223372036854775808, expected a number below" },
  { SPANS, 1, 8, 8, UINT64_MAX, 0, 8, "found the thread 18446744073709551615" },
  { SPANS, 1, 17, 1, 0xff, 0, 17, "found the byte 0xff in a text" },
  { SPANS, 1, 16, 1, 0, 0, 16, "found the byte 0x00 in a text" },
  { SPANS, 1, 23, 1, 1, 0, 23, "found the byte 0x01 behind a text, expected zeros up to a multi" },
  { SPANS, 1, 0, 0, 0, 60, 20, "found the message's end, expected zeros up to a multiple of 8" },
  { SPANS, 1, 32, 8, 301, 0, 48, "found a span that ends at 300, expected an end not before its" },
  { SPANS, 1, 32, 8, UINT64_MAX, 0, 48, "found a span that ends at 300, expected an end not" },
  { SPANS, 1, 48, 8, TOP, 0, 48, "found a span that ends at 9223372036854775808, expected an e" },
  { SPANS, 1, 48, 8, UINT64_MAX, 0, 48, "expected an end below 2^63" },
  { SPANS, 1, 48, 8, TOP - 1, 0, 48, "found a span of 9223372036854775757 ns, expected at most" },
  { SPANS, 1, 48, 8, 50 + WEFT_REPORT_MOST_SPAN_NS + 1, 0, 48,
    "expected at most 31622400000000000" },
  { SPANS, 1, 64, 8, TOP, 0, 64, "found a result of 9223372036854775808 bytes, expected a numb" },
  { SPANS, 1, 76, 4, 2, 0, 76, "found task 2, expected one below 2" },
  { SPANS, 1, 76, 4, UINT32_MAX, 0, 76, "found task 4294967295, expected one below 2" },
  { SPANS, 2, 0, 0, 0, 0, 0, "found a message with the flags 0x2, expected 0 or 1" },
};

/* The same up to the keys "a" and "b", each with a zero byte: 76 bytes. */
static const Bad bad_keyed_spans[] = {
  { KEYED, 1, 0, 4, 3, 0, 0, "found 3 spans in 76 bytes, expected 96 bytes, and keys" },
  { KEYED, 1, 0, 4, 1, 0, 51, "found 25 bytes behind the last key" },
  { KEYED, 1, 72, 1, 0, 0, 72, "found an empty key" },
  { KEYED, 1, 0, 0, 0, 1, 74, "found 1 keys, expected 2, each with a zero byte behind it" },
  { KEYED, 1, 0, 0, 0, 4, 72, "found 0 keys, expected 2" },
  { KEYED, 1, 0, 0, 0, 5, 0, "found 2 spans in 71 bytes, expected 72 bytes, and keys" },
  { KEYED, 1, 0, 0, 0, -1, 76, "found 1 bytes behind the last key" },
  { KEYED, 1, 72, 1, 0xff, 0, 72, "found the byte 0xff in a key" },
  { KEYED, 1, 32, 8, 301, 0, 48, "found a span that ends at 300, expected an end not before its" },
  { KEYED, 1, 64, 8, TOP, 0, 64, "found a result of 9223372036854775808 bytes, expected a numb" },
  { KEYED, 2, 0, 0, 0, 0, 0, "found a message with the flags 0x2, expected 0 or 1" },
};

typedef struct
{
  char *dir;
  WeftReport *report;
  WeftReportPacked packed;
} Fixture;

static void
set_up (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  f->dir = test_dir_new ();
  path = g_build_filename (f->dir, "reported.weft", NULL);
  f->report = _weft_report_new (&(WeftReportOptions){ .path = path }, &error);
  g_assert_no_error (error);
  _weft_report_packed_init (&f->packed, f->report);
  columns_take (&f->packed, KEYS, 0, columns_keys (0, (const char *const[]){ "a", "b" }, 2));
}

static void
tear_down (Fixture *f, const void *unused)
{
  _weft_report_packed_clear (&f->packed);
  _weft_report_free (f->report);
  test_dir_free (f->dir);
}

/* The message that the tables above spoil. */
static GByteArray *
good_one (uint16_t kind)
{
  const uint32_t counts[] = { 0, 2 }, inputs[] = { 0, 0 }, tasks[] = { 0, 1 };
  const ColumnsSpan spans[] = { { 0, 100, 200, 1 }, { 1, 50, 300, 2 } };

  switch (kind)
    {
    case KEYS:
      return columns_keys (2, (const char *const[]){ "cd", "e" }, 2);
    case READS:
      return columns_reads (0, counts, 2, inputs, 2);
    case GROUP:
      return columns_group ("group", tasks, 2);
    case WANTED:
      return columns_wanted (tasks, 2);
    case KEYED:
      return columns_keyed_spans ("w9", 7, spans, (const char *const[]){ "a", "b" }, 2, true);
    default:
      return columns_spans ("w9", 7, spans, 2, true);
    }
}

/* How much a report has been told, of all that it keeps. */
static uint64_t
how_much (const Fixture *f)
{
  uint64_t n_wanted = 0;

  for (uint32_t i = 0; i < _weft_report_n_tasks (f->report); i++)
    n_wanted += f->report->tasks[i].is_wanted;
  return _weft_report_n_tasks (f->report) + f->packed.n_tasks + f->report->n_waiting + n_wanted
         + f->report->edges->len + g_hash_table_size (f->report->groups) + f->report->group_names.n
         + f->report->workers->len + f->report->lanes->len;
}

static void
expect_bad (Fixture *f, const Bad *bad, uint32_t lane, const GByteArray *bytes)
{
  uint64_t before = how_much (f), at = UINT64_MAX;
  g_autoptr (GError) error = NULL;

  g_assert_false (columns_try (&f->packed, bad->kind, bad->flags, lane, bytes, &at, &error));
  g_assert_nonnull (error);
  if (error->domain != WEFT_GRAPH_ERROR || strstr (error->message, bad->message) == NULL)
    g_error ("expected “%s”: %s", bad->message, error->message);
  g_assert_cmpuint (at, ==, bad->offset);
  g_assert_cmpuint (how_much (f), ==, before);
  g_assert_false (columns_try (&f->packed, bad->kind, bad->flags, lane, bytes, &at, NULL));
}

static void
expect_all_bad (Fixture *f, const Bad *all, size_t n)
{
  const Bad in_lane = { .kind = all[0].kind,
                        .flags = all[0].kind == SPANS || all[0].kind == KEYED,
                        .message = "found lane 1 in the mes" };
  g_autoptr (GByteArray) good = good_one (all[0].kind);
  uint64_t before = how_much (f);

  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (GByteArray) bytes = good_one (all[i].kind);

      memcpy (bytes->data + all[i].at, &all[i].value, all[i].n_bytes);
      for (int32_t more = all[i].cut; more < 0; more++)
        add_bytes (bytes, "", 1);
      if (all[i].cut > 0)
        g_byte_array_set_size (bytes, bytes->len - (guint) all[i].cut);
      expect_bad (f, &all[i], 0, bytes);
    }
  expect_bad (f, &in_lane, 1, good);
  columns_take (&f->packed, all[0].kind, in_lane.flags, g_steal_pointer (&good));
  g_assert_cmpuint (how_much (f), >, before);
}

static void
test_bad_keys (Fixture *f, const void *unused)
{
  expect_all_bad (f, bad_keys, G_N_ELEMENTS (bad_keys));
}

static void
test_bad_reads (Fixture *f, const void *unused)
{
  expect_all_bad (f, bad_reads, G_N_ELEMENTS (bad_reads));
}

static void
test_bad_wanted (Fixture *f, const void *unused)
{
  expect_all_bad (f, bad_wanted, G_N_ELEMENTS (bad_wanted));
}

static void
test_bad_groups (Fixture *f, const void *unused)
{
  expect_all_bad (f, bad_groups, G_N_ELEMENTS (bad_groups));
}

static void
test_bad_spans (Fixture *f, const void *unused)
{
  expect_all_bad (f, bad_spans, G_N_ELEMENTS (bad_spans));
}

static void
test_bad_keyed_spans (Fixture *f, const void *unused)
{
  expect_all_bad (f, bad_keyed_spans, G_N_ELEMENTS (bad_keyed_spans));
}

static void
test_long_names (Fixture *f, const void *unused)
{
  const Bad group = { .kind = GROUP, .offset = 0, .message = "found a name of 4097 bytes" };
  const Bad spans = { .kind = SPANS, .offset = 4, .message = "found a name of 4097 bytes" };
  const ColumnsSpan span = { 0, 100, 200, 1 };
  g_autofree char *most = g_strnfill (4096, 'n'), *more = g_strnfill (4097, 'n');
  g_autoptr (GByteArray) long_group = columns_group (more, &span.task, 1);
  g_autoptr (GByteArray) long_worker = columns_spans (more, 7, &span, 1, false);

  expect_bad (f, &group, 0, long_group);
  expect_bad (f, &spans, 0, long_worker);
  columns_take (&f->packed, GROUP, 0, columns_group (most, &span.task, 1));
  columns_take (&f->packed, SPANS, 0, columns_spans (most, 7, &span, 1, false));
}

/* A span becomes as many records as are needed for its length. */
static void
test_long_in_all (Fixture *f, const void *unused)
{
  const Bad bad = { .kind = SPANS,
                    .offset = 24 + 8 * 300 + 8 * 291,
                    .message = "ns, with those before it 2^63 ns or more, expected less in one" };
  ColumnsSpan spans[300];
  g_autoptr (GByteArray) bytes = NULL;

  for (int i = 0; i < 300; i++)
    spans[i] = (ColumnsSpan){ 0, 0, WEFT_REPORT_MOST_SPAN_NS, 0 };
  bytes = columns_spans ("w9", 7, spans, 300, false);
  expect_bad (f, &bad, 0, bytes);
}

/* Packed events are of CLOCK_MONOTONIC; what the file has is not. */
static void
test_ahead (Fixture *f, const void *unused)
{
  const int64_t ahead_ns = INT64_C (1800000000) * 1000000000;
  const Bad bad = { .kind = SPANS, .offset = 32, .message = "expected an end below 2^63 ns after" };
  const ColumnsSpan span = { 0, INT64_MAX - ahead_ns, INT64_MAX - ahead_ns + 1, 0 };
  const ColumnsSpan last = { 0, INT64_MAX - ahead_ns - 1, INT64_MAX - ahead_ns, 0 };
  g_autoptr (GByteArray) bytes = columns_spans ("w9", 7, &span, 1, false);
  g_autoptr (GByteArray) records = g_byte_array_new ();
  WeftLaneHead lane = { .lane = 1, .parent_lane = WEFT_NONE };
  WeftRecord record;
  g_autoptr (GError) error = NULL;
  uint64_t at;

  f->report->ahead_ns = ahead_ns;
  expect_bad (f, &bad, 0, bytes);
  columns_take (&f->packed, SPANS, 0, columns_spans ("w9", 7, &last, 1, false));
  columns_take (&f->packed, WEFT_WIRE_LANE, 0,
                g_byte_array_append (g_byte_array_new (), (const guint8 *) &lane, sizeof lane));
  weft_record_set_span (&record, WEFT_RECORD_TASK, 0, WEFT_HOW_FOREIGN, 0, WEFT_REPORT_BY_NUMBER,
                        span.start, span.end, 0);
  add_bytes (records, &record, sizeof record);
  g_assert_false (columns_try (&f->packed, WEFT_WIRE_RECORDS, 0, 1, records, &at, &error));
  g_assert_nonnull (strstr (error->message, "expected an end below 2^63 ns after 1970"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/weft/server/report-columns-bad/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("keys", test_bad_keys);
  ADD ("reads", test_bad_reads);
  ADD ("groups", test_bad_groups);
  ADD ("wanted", test_bad_wanted);
  ADD ("spans", test_bad_spans);
  ADD ("keyed-spans", test_bad_keyed_spans);
  ADD ("long-names", test_long_names);
  ADD ("long-in-all", test_long_in_all);
  ADD ("ahead-of-the-clock", test_ahead);
  return g_test_run ();
}
