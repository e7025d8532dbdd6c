/* test-sheets.c: tests of lists as pictures: what they say is what the window says
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "export-fixture.h"

#include "canvas/shown-text.h"
#include "events/event-index.h"
#include "inspect/run-facts.h"
#include "table/task-rows.h"
#include "table/task-words.h"

#define TALKING_RUN                                                                       \
  "{\"weftline\": 1, \"name\": \"a loom\", \"tasks\": {"                                  \
  "\"warp-1\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\", \"echo one; echo two\"]]}," \
  "\"shed-1\": {\"op\": \"exec\", \"args\": [[\"sh\", \"-c\","                            \
  " \"echo before; echo no yarn >&2; exit 3\"]], \"after\": [\"warp-1\"]}}}"

typedef struct
{
  cairo_surface_t *surface;
  GArray *texts;
} Picture;

static Picture
draw (const Recorded *recorded, WeftlineExport export)
{
  Picture picture;
  int width, height;
  cairo_t *cr;

  weftline_export_measure (&export, recorded->model, &recorded->snapshot, &width, &height);
  g_assert_cmpint (height, <=, MAX (export.height, WEFTLINE_EXPORT_MAX_DEFAULT_HEIGHT));
  picture.surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  picture.texts = weftline_collect_texts (picture.surface);
  cr = cairo_create (picture.surface);
  weftline_export_draw (&export, recorded->model, &recorded->snapshot, cr, width, height, false);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  return picture;
}

static void
picture_clear (Picture *picture)
{
  cairo_surface_destroy (picture->surface);
}

static const WeftlineShownText *
text_at (const Picture *picture, guint i)
{
  return &g_array_index (picture->texts, WeftlineShownText, i);
}

/* Returns: the place of the first such text from there on; G_MAXUINT: there is none */
static guint
find (const Picture *picture, const char *text, guint from)
{
  for (guint i = from; i < picture->texts->len; i++)
    if (g_str_equal (text_at (picture, i)->text, text))
      return i;
  return G_MAXUINT;
}

static void
assert_text (const Picture *picture, const char *text)
{
  if (find (picture, text, 0) == G_MAXUINT)
    g_error ("“%s” is not in the picture", text);
}

/* Nothing is drawn over the edges. */
static void
assert_inside (const Picture *picture)
{
  int width = cairo_image_surface_get_width (picture->surface);
  int height = cairo_image_surface_get_height (picture->surface);

  for (guint i = 0; i < picture->texts->len; i++)
    {
      g_assert_cmpfloat (text_at (picture, i)->x, >=, 0);
      g_assert_cmpfloat (text_at (picture, i)->x + text_at (picture, i)->width, <=, width);
      g_assert_cmpfloat (text_at (picture, i)->y, <=, height);
    }
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* @n independent tasks of two groups. */
static char *
many_tasks (unsigned n)
{
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {");

  for (unsigned i = 0; i < n; i++)
    g_string_append_printf (json, "%s\"%s-%u\": {\"op\": \"const\", \"args\": [%u]}",
                            i > 0 ? ", " : "", i % 2 ? "odd" : "even", i, i);
  g_string_append (json, "}}");
  return g_string_free (json, FALSE);
}

/* Every value of every row, as the widget's cells say it, each row below the one before. */
static void
check_rows (const Recorded *recorded, const WeftMoment *moment, const WeftlineExport *export)
{
  g_autoptr (WeftlineLinks) links = weftline_links_new (recorded->model, &recorded->snapshot);
  Picture picture = draw (recorded, *export);
  WeftlineTaskSource source;
  double y = 0;
  guint at = 0;

  weftline_task_source_init (&source);
  weftline_task_source_take (&source, recorded->model, &recorded->snapshot, moment, links);
  for (unsigned i = 0; i < WEFTLINE_TASK_N_COLUMNS; i++)
    assert_text (&picture, weftline_task_column_title ((WeftlineTaskColumn) i));
  for (uint32_t row = 0; row < source.snapshot.n_tasks; row++)
    {
      uint32_t task = export->table != NULL ? export->table->rows[row] : row;

      for (unsigned i = 0; i < WEFTLINE_TASK_N_COLUMNS; i++)
        {
          g_autofree char *text =
              weftline_task_text (&source, task, (WeftlineTaskColumn) i, export->time_form);

          if (*text == '\0')
            continue;
          at = find (&picture, text, at);
          g_assert_cmpuint (at, !=, G_MAXUINT);
          if (i == 0)
            g_assert_cmpfloat (text_at (&picture, at)->y, >, y);
          y = MAX (y, text_at (&picture, at)->y);
          at++;
        }
    }
  weftline_task_source_clear (&source);
  assert_inside (&picture);
  picture_clear (&picture);
}

static void
test_table (void)
{
  Recorded recorded;
  uint32_t reversed[6];
  WeftlineExportTable table = { .rows = reversed, .n_rows = 6, .column = WEFTLINE_TASK_N_COLUMNS };
  WeftlineExport export = { .view = WEFTLINE_EXPORT_TABLE };
  WeftPast *past;
  WeftMoment *moment;

  record_run (&recorded, EXPORT_RUN, 2);
  check_rows (&recorded, NULL, &export);
  for (uint32_t i = 0; i < 6; i++)
    reversed[i] = 5 - i;
  export.table = &table;
  export.rtl = true;
  check_rows (&recorded, NULL, &export);
  past = weft_past_new (recorded.model, &recorded.snapshot);
  export.has_time = true;
  export.at_ns = recorded.snapshot.last_ns / 2;
  moment = weft_moment_new (past, export.at_ns);
  check_rows (&recorded, moment, &export);
  weft_moment_unref (moment);
  weft_past_free (past);
  for (int descending = 0; descending < 2; descending++)
    {
      Picture picture;

      table.column = WEFTLINE_TASK_DURATION;
      table.descending = descending;
      picture = draw (&recorded, export);
      assert_text (&picture, descending ? "Duration ▼" : "Duration ▲");
      assert_text (&picture, "Start");
      picture_clear (&picture);
    }
  recorded_clear (&recorded);
}

/* Of more rows than find room it is said which are shown; with the ones that were chosen, of how
 * many they are. */
static void
test_some_of_many (void)
{
  g_autofree char *json = many_tasks (900);
  uint32_t rows[40];
  WeftlineExportTable table = { .rows = rows, .n_rows = 40, .column = WEFTLINE_TASK_N_COLUMNS };
  WeftlineExport export = { .view = WEFTLINE_EXPORT_TABLE, .width = 800, .height = 400 };
  unsigned n_rows = 0;
  Recorded recorded;
  Picture picture;

  record_run (&recorded, json, 2);
  picture = draw (&recorded, export);
  assert_text (&picture, "900 of 900 tasks");
  for (guint i = 0; i < picture.texts->len; i++)
    n_rows += g_str_has_prefix (text_at (&picture, i)->text, "even-")
              || g_str_has_prefix (text_at (&picture, i)->text, "odd-");
  g_assert_cmpuint (n_rows, >=, 10);
  {
    g_autofree char *rest = g_strdup_printf ("rows 1–%u of 900", n_rows);

    assert_text (&picture, rest);
  }
  picture_clear (&picture);
  for (uint32_t i = 0; i < 40; i++)
    rows[i] = 2 * i;
  export.table = &table;
  picture = draw (&recorded, export);
  assert_text (&picture, "40 of 900 tasks");
  picture_clear (&picture);
  export.width = export.height = 0; /* as much as there is */
  picture = draw (&recorded, export);
  for (guint i = 0; i < picture.texts->len; i++)
    g_assert_false (g_str_has_prefix (text_at (&picture, i)->text, "rows "));
  picture_clear (&picture);
  export.table = NULL; /* more than the most */
  picture = draw (&recorded, export);
  g_assert_cmpint (cairo_image_surface_get_height (picture.surface), ==,
                   WEFTLINE_EXPORT_MAX_DEFAULT_HEIGHT);
  g_assert_true (g_str_has_suffix (text_at (&picture, picture.texts->len - 1)->text, " of 900"));
  picture_clear (&picture);
  recorded_clear (&recorded);
}

/* Rows that are not shown cost nothing: with 300 times as many tasks it takes about as long. */
static void
test_many_tasks (void)
{
  static const unsigned ns[] = { 1000, 300000 };
  gint64 took_us[2];

  for (unsigned i = 0; i < 2; i++)
    {
      g_autofree char *json = many_tasks (ns[i]);
      WeftlineExport export = { .view = WEFTLINE_EXPORT_TABLE, .width = 1200, .height = 800 };
      gint64 least_us = G_MAXINT64;
      Recorded recorded;

      record_run (&recorded, json, 2);
      for (int k = 0; k < 5; k++)
        {
          gint64 begin_us = g_get_monotonic_time ();
          Picture picture = draw (&recorded, export);

          least_us = MIN (least_us, g_get_monotonic_time () - begin_us);
          picture_clear (&picture);
        }
      took_us[i] = least_us;
      recorded_clear (&recorded);
    }
  g_test_message ("%" G_GINT64_FORMAT " µs, %" G_GINT64_FORMAT " µs", took_us[0], took_us[1]);
  g_assert_cmpint (took_us[1], <, 4 * took_us[0]);
}

/* ---- one task -------------------------------------------------------------------------------- */

/* All facts, in their order. */
static void
test_inspector (void)
{
  static const char *const keys[] = { "warp-1", "shed-1" };
  Recorded recorded;

  record_run (&recorded, TALKING_RUN, 2);
  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GPtrArray) facts = facts_of (&recorded, keys[i]);
      WeftlineExport export = { .view = WEFTLINE_EXPORT_INSPECTOR,
                                .width = 900,
                                .has_task = true,
                                .task = weft_model_find_key (recorded.model, keys[i]) };
      Picture picture = draw (&recorded, export);
      guint at = 0;

      for (guint k = 0; k < facts->len; k++)
        {
          const WeftlineFact *fact = facts->pdata[k];
          g_auto (GStrv) lines = g_strsplit (fact->text != NULL ? fact->text : "", "\n", -1);

          if (*fact->title != '\0')
            at = find (&picture, fact->title, at);
          g_assert_cmpuint (at, !=, G_MAXUINT);
          for (guint line = 0; lines[line] != NULL; line++)
            {
              if (*lines[line] != '\0')
                at = find (&picture, lines[line], at);
              g_assert_cmpuint (at, !=, G_MAXUINT);
            }
        }
      g_assert_cmpuint (find (&picture, "no yarn", 0) != G_MAXUINT, ==, i == 1);
      assert_inside (&picture);
      picture_clear (&picture);
      export.height = 150;
      picture = draw (&recorded, export);
      assert_inside (&picture);
      g_assert_true (g_str_has_suffix (text_at (&picture, picture.texts->len - 1)->text, " lines"));
      picture_clear (&picture);
    }
  recorded_clear (&recorded);
}

static void
test_no_task (void)
{
  WeftlineExport export = { .view = WEFTLINE_EXPORT_INSPECTOR, .width = 900 };
  Recorded recorded;
  Picture picture;

  record_run (&recorded, EXPORT_RUN, 2);
  picture = draw (&recorded, export);
  assert_text (&picture, "Select a task in a picture or through search to read all about it");
  picture_clear (&picture);
  recorded_clear (&recorded);
}

/* ---- what happened --------------------------------------------------------------------------- */

/* In the order of time; the last where not all find room. */
static void
test_events (void)
{
  WeftlineExport export = { .view = WEFTLINE_EXPORT_EVENTS };
  WeftlineEventIndex *index;
  Recorded recorded;
  Picture whole, part;
  g_autofree char *last = NULL;
  g_autofree char *count = NULL;
  guint at = 0, n;

  record_run (&recorded, EXPORT_RUN, 2);
  index = weftline_event_index_new (recorded.model);
  weftline_event_index_set_filter (index,
                                   &(WeftlineEventFilter){ .kinds = WEFTLINE_EVENT_FIRST_KINDS });
  while (weftline_event_index_update (index, recorded.snapshot.n_lanes, UINT64_MAX))
    ;
  n = weftline_event_index_n_shown (index);
  count = weftline_event_count_text (n, weftline_event_index_n (index));
  whole = draw (&recorded, export);
  assert_text (&whole, count);
  for (guint i = 0; i < n; i++)
    {
      g_free (last);
      last = weftline_event_dup_text (recorded.model, weftline_event_index_get (index, i));
      at = find (&whole, last, at);
      g_assert_cmpuint (at++, !=, G_MAXUINT);
    }
  export.width = 500;
  export.height = 130;
  part = draw (&recorded, export);
  assert_text (&part, last);
  g_assert_cmpuint (part.texts->len, <, whole.texts->len);
  assert_inside (&part);
  picture_clear (&whole);
  picture_clear (&part);
  export.kinds = 1u << WEFTLINE_EVENT_ERROR;
  export.height = 0;
  whole = draw (&recorded, export);
  assert_text (&whole, "tear-1 failed: failed as asked");
  g_assert_cmpuint (find (&whole, "the run goes on", 0), ==, G_MAXUINT);
  picture_clear (&whole);
  weftline_event_index_free (index);
  recorded_clear (&recorded);
}

/* Who wrote what; of a moment what had been written by then; the last where not all finds room. */
static void
test_output (void)
{
  static const char *const expected[] = {
    "warp-1", "one", "two", "shed-1", "before", "shed-1, standard error", "no yarn",
  };
  WeftlineExport export = { .view = WEFTLINE_EXPORT_OUTPUT };
  Recorded recorded;
  Picture picture;
  WeftModelLog log;
  uint64_t n_bytes = 0;
  g_autofree char *figures = NULL;

  record_run (&recorded, TALKING_RUN, 1);
  for (uint64_t i = 0; i < recorded.snapshot.n_logs; i++)
    {
      weft_model_log (recorded.model, i, &log);
      n_bytes += log.n_bytes;
    }
  figures = g_strdup_printf ("%u\u00a0B of %u\u00a0B", (unsigned) n_bytes, (unsigned) n_bytes);
  picture = draw (&recorded, export);
  assert_text (&picture, figures);
  for (unsigned i = 0; i < G_N_ELEMENTS (expected); i++)
    assert_text (&picture, expected[i]);
  picture_clear (&picture);
  weft_model_log (recorded.model, 0, &log);
  export.has_time = true;
  export.at_ns = log.at_ns;
  picture = draw (&recorded, export);
  assert_text (&picture, "one");
  g_assert_cmpuint (find (&picture, "no yarn", 0), ==, G_MAXUINT);
  picture_clear (&picture);
  export.at_ns = 0;
  picture = draw (&recorded, export);
  assert_text (&picture, "No task has written anything");
  picture_clear (&picture);
  recorded_clear (&recorded);
}

/* Megabytes, in lines of any length: the end, quickly enough to be drawn at all. */
static void
test_much_output (void)
{
  static const char *const writers[] = { "seq 1 300000",
                                         "head -c 3000000 /dev/zero | tr '\\\\0' x; echo end" };

  for (unsigned i = 0; i < G_N_ELEMENTS (writers); i++)
    {
      g_autofree char *json =
          g_strdup_printf ("{\"weftline\": 1, \"tasks\": {\"one\": {\"op\": \"exec\","
                           " \"args\": [[\"sh\", \"-c\", \"%s >&2\"]]}}}",
                           writers[i]);
      WeftlineExport export = { .view = WEFTLINE_EXPORT_OUTPUT };
      Recorded recorded;
      Picture picture;

      record_run (&recorded, json, 1);
      picture = draw (&recorded, export);
      assert_inside (&picture);
      assert_text (&picture, "one, standard error");
      if (i == 0)
        assert_text (&picture, "300000");
      else
        g_assert_true (g_str_has_suffix (text_at (&picture, picture.texts->len - 1)->text, "end"));
      g_assert_cmpint (cairo_image_surface_get_height (picture.surface), ==,
                       WEFTLINE_EXPORT_MAX_DEFAULT_HEIGHT);
      picture_clear (&picture);
      recorded_clear (&recorded);
    }
}

/* ---- the run --------------------------------------------------------------------------------- */

static void
test_run (void)
{
  WeftlineExport export = { .view = WEFTLINE_EXPORT_RUN };
  Recorded recorded;
  Picture picture;

  record_run (&recorded, EXPORT_RUN, 2);
  picture = draw (&recorded, export);
  assert_text (&picture, "a loom");
  assert_text (&picture, "State");
  assert_text (&picture, "failed");
  assert_text (&picture, "6 of 6");
  assert_text (&picture, "Failed");
  assert_text (&picture, "failed as asked (task tear-1)");
  g_assert_cmpuint (find (&picture, "Running now", 0), ==, G_MAXUINT);
  picture_clear (&picture);
  export.has_time = true;
  picture = draw (&recorded, export); /* before it began */
  assert_text (&picture, "0 of 6");
  assert_text (&picture, "Running now");
  g_assert_cmpuint (find (&picture, "failed as asked (task tear-1)", 0), ==, G_MAXUINT);
  picture_clear (&picture);
  recorded_clear (&recorded);
}

/* As whoever asks says it. */
static void
test_run_as_told (void)
{
  const WeftlineExportRun run = {
    .status = { .phase = WEFT_RUN_INTERRUPTED, .known = true, .n_tasks = 40, .n_ended = 10 },
    .message = "interrupted: signal 11 in task k",
    .results = "weave: 42\nmend: [1, 2]",
    .are_results = true,
  };
  WeftlineExport export = { .view = WEFTLINE_EXPORT_RUN, .run = &run };
  WeftModelSnapshot snapshot = { 0 };
  Recorded recorded = { .snapshot = snapshot };
  Picture picture = draw (&recorded, export);

  assert_text (&picture, "interrupted");
  assert_text (&picture, "10 of 40");
  assert_text (&picture, "interrupted: signal 11 in task k");
  picture_clear (&picture);
  export.view = WEFTLINE_EXPORT_RESULTS;
  picture = draw (&recorded, export);
  assert_text (&picture, "weave: 42");
  assert_text (&picture, "mend: [1, 2]");
  picture_clear (&picture);
  export.run = NULL;
  export.width = 2000;
  picture = draw (&recorded, export);
  assert_text (&picture, weftline_run_results_text (&(WeftlineRunOutcome){ 0 }));
  picture_clear (&picture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-export", "sheets", "table", test_table);
  test_add ("ui-export", "sheets", "some-of-many", test_some_of_many);
  test_add ("ui-export", "sheets", "many-tasks", test_many_tasks);
  test_add ("ui-export", "sheets", "inspector", test_inspector);
  test_add ("ui-export", "sheets", "no-task", test_no_task);
  test_add ("ui-export", "sheets", "events", test_events);
  test_add ("ui-export", "sheets", "output", test_output);
  test_add ("ui-export", "sheets", "much-output", test_much_output);
  test_add ("ui-export", "sheets", "run", test_run);
  test_add ("ui-export", "sheets", "run-as-told", test_run_as_told);
  return g_test_run ();
}
