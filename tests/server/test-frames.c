/* test-frames.c: frames of a run file by their numbers, as messages
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model/model-fixture.h"
#include "server/weft-frames-private.h"
#include "server/weft-lines-private.h"
#include "server/weft-wire-private.h"

#define CHANNEL 7

typedef struct
{
  char *dir;
  char *path;
  WeftReport *report;
  uint32_t n_tasks;
} Fixture;

static void
set_up (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;

  f->dir = test_dir_new ();
  f->path = g_build_filename (f->dir, "run.weft", NULL);
  f->report = _weft_report_new (&(WeftReportOptions){ .path = f->path }, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, const void *unused)
{
  _weft_report_free (f->report);
  test_dir_free (f->dir);
  g_free (f->path);
}

/* A few frames more. */
static void
grow (Fixture *f)
{
  g_autofree char *line = g_strdup_printf (
      "{\"e\":\"task\",\"k\":\"a-%u\",\"w\":\"w\",\"s\":%u,\"d\":1}", f->n_tasks, 100 + f->n_tasks);
  g_autoptr (GError) error = NULL;

  _weft_lines_take (f->report, &(WeftLinesClock){ 0 }, line, strlen (line), &error);
  g_assert_no_error (error);
  _weft_report_flush (f->report, &error);
  g_assert_no_error (error);
  f->n_tasks++;
}

static void
finish (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  _weft_report_finish (f->report, WEFT_RUN_DONE, "{}", &error);
  g_assert_no_error (error);
}

static WeftFrames *
open_frames (const char *path)
{
  g_autoptr (GError) error = NULL;
  WeftFrames *frames = _weft_frames_open (path, &error);

  g_assert_no_error (error);
  return frames;
}

/* The next frames; they are those of the file from *at on. Returns: how many */
static guint
read_some (WeftFrames *frames, WeftFramesCursor *cursor, size_t most, GPtrArray *expected)
{
  g_autoptr (GByteArray) messages = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  const WeftRunFrame *last = expected->pdata[expected->len - 1];
  bool at_end, is_whole = last->head.kind == WEFT_FRAME_END;
  guint n = 0;

  _weft_frames_read (frames, cursor, CHANNEL, most, messages, &at_end, &error);
  g_assert_no_error (error);
  g_assert_true (at_end == (cursor->next == expected->len && is_whole));
  for (guint at = 0; at < messages->len; n++)
    {
      guint i = (guint) cursor->next;
      WeftWireHead head;
      uint64_t prefix[2];
      const WeftRunFrame *frame;

      g_assert_cmpuint (at % WEFT_WIRE_ALIGN, ==, 0);
      memcpy (&head, messages->data + at, sizeof head);
      memcpy (prefix, messages->data + at + sizeof head, sizeof prefix);
      i = (guint) prefix[0];
      g_assert_cmpuint (i, <, expected->len);
      frame = expected->pdata[i];
      g_assert_cmpuint (prefix[0], ==, frame->head.sequence);
      g_assert_cmpuint (prefix[1], ==, frame->head.watermark);
      g_assert_cmpuint (head.kind, ==, frame->head.kind);
      g_assert_cmpuint (head.flags, ==, frame->head.flags);
      g_assert_cmpuint (head.lane, ==, frame->head.lane);
      g_assert_cmpuint (head.channel, ==, CHANNEL);
      g_assert_cmpmem (messages->data + at + sizeof head + sizeof prefix,
                       head.n_bytes - sizeof prefix, frame->payload, frame->head.n_bytes);
      at += (guint) sizeof head + head.n_bytes + -head.n_bytes % WEFT_WIRE_ALIGN;
      g_assert_cmpuint (prefix[0] + 1 + (at < messages->len), <=, cursor->next);
    }
  return n;
}

/* From every place, in pieces of all sizes. */
static void
assert_all_there (const char *path, uint64_t step)
{
  g_autoptr (GPtrArray) expected = read_frames (path);
  WeftFrames *frames = open_frames (path);

  for (uint64_t from = 0; from <= expected->len; from += step)
    {
      WeftFramesCursor cursor = { .next = from };
      guint n = 0, n_more;

      while ((n_more = read_some (frames, &cursor, 1 + from * 37 % 5000, expected)) > 0)
        n += n_more;
      g_assert_cmpuint (n, ==, expected->len - from);
      g_assert_cmpuint (cursor.next, ==, expected->len);
    }
  _weft_frames_unref (frames);
}

static void
test_from_anywhere (Fixture *f, const void *unused)
{
  for (uint32_t i = 0; i < 100; i++)
    grow (f);
  assert_all_there (f->path, 17);
  finish (f);
  assert_all_there (f->path, 17);
}

/* With several INDEX frames. */
static void
test_long_file (Fixture *f, const void *unused)
{
  g_autoptr (GPtrArray) all = NULL;
  uint64_t n_frames;
  bool ended;
  WeftFrames *frames;

  for (uint32_t i = 0; i < 4000; i++)
    grow (f);
  assert_all_there (f->path, 3001);
  finish (f);
  assert_all_there (f->path, 3001);
  all = read_frames (f->path);
  frames = open_frames (f->path);
  g_assert_true (_weft_frames_look (frames, &n_frames, &ended, NULL));
  g_assert_true (ended);
  g_assert_cmpuint (n_frames, ==, all->len);
  _weft_frames_unref (frames);
}

static void
test_growing (Fixture *f, const void *unused)
{
  WeftFrames *frames = open_frames (f->path);
  WeftFramesCursor cursor = { 0 }, ahead = { .next = 25 };
  bool ended;
  uint64_t n_frames = 0, n_before;
  int64_t age_ns;
  guint n = 0, n_ahead = 0;

  for (uint32_t i = 0; i < 30; i++)
    {
      g_autoptr (GPtrArray) expected = read_frames (f->path);

      n += read_some (frames, &cursor, 1 << 20, expected);
      n_ahead += read_some (frames, &ahead, 1 << 20, expected);
      g_assert_cmpuint (n, ==, expected->len);
      g_assert_cmpuint (n_ahead, ==, expected->len > 25 ? expected->len - 25 : 0);
      g_assert_cmpint (_weft_frames_age_ns (frames, expected->len), ==, 0);
      age_ns = _weft_frames_age_ns (frames, expected->len - 1);
      g_assert_cmpint (age_ns, >, 0);
      g_assert_cmpint (_weft_frames_age_ns (frames, 0), >=, age_ns);
      n_before = n_frames;
      g_assert_true (_weft_frames_look (frames, &n_frames, &ended, NULL));
      g_assert_cmpuint (n_frames, >, n_before);
      g_assert_false (ended);
      grow (f);
    }
  _weft_frames_unref (frames);
}

/* No more than was asked for, but for one that is longer. */
static void
test_bounded (Fixture *f, const void *unused)
{
  WeftFrames *frames = open_frames (f->path);
  WeftFramesCursor cursor = { 0 };

  for (uint32_t i = 0; i < 200; i++)
    grow (f);
  for (size_t most = 100; most < 4000; most += 100)
    {
      g_autoptr (GByteArray) messages = g_byte_array_new ();
      uint64_t before = cursor.next;
      bool at_end;

      g_assert_true (_weft_frames_read (frames, &cursor, CHANNEL, most, messages, &at_end, NULL));
      g_assert_true (messages->len <= most || cursor.next == before + 1);
    }
  _weft_frames_unref (frames);
}

/* The byte at an offset is another one. */
static void
spoil (const char *path, uint64_t offset)
{
  g_autofree char *content = test_file_read (path);
  gsize n_bytes;

  g_clear_pointer (&content, g_free);
  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  content[offset] ^= 1;
  g_assert_true (g_file_set_contents (path, content, (gssize) n_bytes, NULL));
}

static void
test_damaged (Fixture *f, const void *unused)
{
  for (uint32_t i = 0; i < 10; i++)
    grow (f);
  finish (f);
  for (uint64_t into = 0; into < 60; into += 50) /* of a frame: its head, its payload */
    {
      g_autoptr (GPtrArray) expected = read_frames (f->path);
      g_autoptr (GByteArray) messages = g_byte_array_new ();
      const WeftRunFrame *frame = expected->pdata[12];
      WeftFramesCursor cursor = { 0 };
      g_autoptr (GError) error = NULL;
      WeftFrames *frames;
      bool at_end;

      spoil (f->path, frame->offset + into);
      frames = open_frames (f->path);
      g_assert_false (
          _weft_frames_read (frames, &cursor, CHANNEL, 1 << 20, messages, &at_end, &error));
      g_assert_error (error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_DAMAGED);
      g_assert_cmpuint (cursor.next, ==, 12);
      _weft_frames_unref (frames);
      spoil (f->path, frame->offset + into);
    }
}

static void
test_no_file (Fixture *f, const void *unused)
{
  g_autofree char *path = test_dir_write (f->dir, "text",
                                          "no run file, but long enough to have a "
                                          "head of sixty-four bytes");
  g_autoptr (GError) error = NULL;

  g_assert_null (_weft_frames_open (path, &error));
  g_assert_error (error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (_weft_frames_open (f->dir, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add ("/weft/server/frames/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("from-anywhere", test_from_anywhere);
  ADD ("long-file", test_long_file);
  ADD ("growing", test_growing);
  ADD ("bounded", test_bounded);
  ADD ("damaged", test_damaged);
  ADD ("no-file", test_no_file);
  return g_test_run ();
}
