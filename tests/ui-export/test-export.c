/* test-export.c: tests of pictures of runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "export-fixture.h"

#include "canvas/shown-text.h"

/* Lines of shapes lie between pixels where pixels are filled; text is smoothed another way. */
#define PIXEL_TOLERANCE 0.03

static const WeftlineExportView views[] = {
  WEFTLINE_EXPORT_STREAM,    WEFTLINE_EXPORT_GRAPH,     WEFTLINE_EXPORT_PROGRESS,
  WEFTLINE_EXPORT_MEMORY,    WEFTLINE_EXPORT_HELD,      WEFTLINE_EXPORT_WHERE,
  WEFTLINE_EXPORT_RESOURCES, WEFTLINE_EXPORT_OCCUPANCY, WEFTLINE_EXPORT_TABLE,
  WEFTLINE_EXPORT_INSPECTOR, WEFTLINE_EXPORT_EVENTS,    WEFTLINE_EXPORT_OUTPUT,
  WEFTLINE_EXPORT_RUN,       WEFTLINE_EXPORT_RESULTS,   WEFTLINE_EXPORT_WORKERS,
  WEFTLINE_EXPORT_TRANSFERS,
};

_Static_assert(G_N_ELEMENTS (views) == WEFTLINE_EXPORT_N_VIEWS, "all views");

static GBytes *
picture (const Recorded *recorded, const WeftlineExport *export)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = weftline_export_bytes (export, recorded->model, &recorded->snapshot, &error);

  g_assert_no_error (error);
  return bytes;
}

static cairo_surface_t *
drawn (const Recorded *recorded, const WeftlineExport *export, bool as_shapes)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, export->width, export->height);
  cairo_t *cr = cairo_create (surface);

  weftline_export_draw (export, recorded->model, &recorded->snapshot, cr, export->width,
                        export->height, as_shapes);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  return surface;
}

static void
test_formats (void)
{
  Recorded recorded;

  record_run (&recorded, EXPORT_RUN, 2);
  for (unsigned i = 0; i < G_N_ELEMENTS (views); i++)
    {
      WeftlineExport export = { .view = views[i], .width = 500, .height = 300 };
      g_autoptr (GBytes) png = picture (&recorded, &export);
      g_autoptr (GBytes) svg = NULL;
      g_autoptr (GBytes) pdf = NULL;
      cairo_surface_t *direct = drawn (&recorded, &export, false);
      cairo_surface_t *read = surface_of_png (png);

      g_assert_cmpfloat (share_that_differs (direct, read), ==, 0);
      g_assert_cmpfloat (share_of_ink (read), >, 0.01);
      export.format = WEFTLINE_EXPORT_SVG;
      svg = picture (&recorded, &export);
      g_assert_nonnull (g_strstr_len (g_bytes_get_data (svg, NULL), (gssize) g_bytes_get_size (svg),
                                      "width=\"500px\""));
      export.format = WEFTLINE_EXPORT_PDF;
      pdf = picture (&recorded, &export);
      g_assert_cmpmem (g_bytes_get_data (pdf, NULL), 5, "%PDF-", 5);
      cairo_surface_destroy (direct);
      cairo_surface_destroy (read);
    }
  recorded_clear (&recorded);
}

/* Whether made of shapes or of pixels: the same picture, in both styles and directions. */
static void
test_shapes (void)
{
  Recorded recorded;

  record_run (&recorded, EXPORT_RUN, 2);
  for (unsigned i = 0; i < 4 * G_N_ELEMENTS (views); i++)
    {
      WeftlineExport export = {
        .view = views[i / 4], .width = 700, .height = 260, .dark = i & 1, .rtl = i >> 1 & 1
      };
      cairo_surface_t *pixels = drawn (&recorded, &export, false);
      cairo_surface_t *shapes = drawn (&recorded, &export, true);

      g_assert_cmpfloat (share_that_differs (pixels, shapes), <=, PIXEL_TOLERANCE);
      cairo_surface_destroy (pixels);
      cairo_surface_destroy (shapes);
    }
  recorded_clear (&recorded);
}

static int
compare_ns (const void *a, const void *b)
{
  int64_t one = *(const int64_t *) a, other = *(const int64_t *) b;

  return (one > other) - (one < other);
}

/* The shortest time in which so many tasks began: whatever held the run up is outside. */
static void
find_densest (const Recorded *recorded, uint32_t n, WeftlineExport *export)
{
  uint32_t n_tasks = recorded->snapshot.n_tasks;
  g_autofree int64_t *starts = g_new (int64_t, n_tasks);

  for (uint32_t task = 0; task < n_tasks; task++)
    {
      uint32_t lane;

      starts[task] = last_span (recorded, task, &lane)->start_ns;
    }
  qsort (starts, n_tasks, sizeof *starts, compare_ns);
  export->to_ns = INT64_MAX;
  for (uint32_t i = 0; i + n < n_tasks; i++)
    if (starts[i + n] - starts[i] < export->to_ns - export->from_ns)
      {
        export->from_ns = starts[i];
        export->to_ns = starts[i + n];
      }
}

/* More tasks than pixels: lanes are pictures in the file, text is text, and it looks the same. */
static void
test_dense (void)
{
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {\"a-0\": {\"op\": \"const\", "
                                "\"args\": [1]}");
  WeftlineExport export = { .format = WEFTLINE_EXPORT_SVG, .width = 600, .height = 200 };
  g_autoptr (GBytes) svg = NULL;
  cairo_surface_t *pixels, *shapes;
  Recorded recorded;
  const char *text;
  gssize n_bytes;

  for (unsigned i = 1; i < 8000; i++)
    g_string_append_printf (json, ", \"g%u-%u\": {\"op\": \"list\", \"args\": [%u]}", i % 7, i, i);
  g_string_append (json, "}}");
  record_run (&recorded, json->str, 2);
  find_densest (&recorded, 1000, &export);
  svg = picture (&recorded, &export);
  text = g_bytes_get_data (svg, NULL);
  n_bytes = (gssize) g_bytes_get_size (svg);
  g_assert_nonnull (g_strstr_len (text, n_bytes, "<image"));
  /* one of the two may have done it all */
  g_assert_true (g_strstr_len (text, n_bytes, ">worker 0</text>") != NULL
                 || g_strstr_len (text, n_bytes, ">worker 1</text>") != NULL);
  g_assert_cmpint (n_bytes, <, 400000);
  pixels = drawn (&recorded, &export, false);
  shapes = drawn (&recorded, &export, true);
  g_assert_cmpfloat (share_that_differs (pixels, shapes), <=, PIXEL_TOLERANCE);
  cairo_surface_destroy (pixels);
  cairo_surface_destroy (shapes);
  recorded_clear (&recorded);
  g_string_free (json, TRUE);
}

/* A part of the time, a part of the graph, another order: another picture. */
static void
test_parts (void)
{
  Recorded recorded;
  WeftlineViewport viewport = { .x = 0, .y = 0, .scale = 60 };
  WeftlineExport all[3], some[3];

  record_run (&recorded, EXPORT_RUN, 2);
  for (unsigned i = 0; i < 3; i++)
    all[i] = some[i] = (WeftlineExport){ .view = views[i], .width = 500, .height = 300 };
  some[0].from_ns = recorded.snapshot.last_ns / 2;
  some[0].to_ns = recorded.snapshot.last_ns;
  some[1].viewport = &viewport;
  some[2].sort = WEFTLINE_PROGRESS_BY_NAME;
  for (unsigned i = 0; i < 3; i++)
    {
      cairo_surface_t *whole = drawn (&recorded, &all[i], false);
      cairo_surface_t *part = drawn (&recorded, &some[i], false);

      g_assert_cmpfloat (share_that_differs (whole, part), >, 0.001);
      cairo_surface_destroy (whole);
      cairo_surface_destroy (part);
    }
  recorded_clear (&recorded);
}

/* A selected task, and its lineage: each makes another picture, of the views that show tasks; one
 * that is not there makes none. */
static void
test_selection (void)
{
  static const WeftlineExportView shown[] = { WEFTLINE_EXPORT_STREAM, WEFTLINE_EXPORT_GRAPH,
                                              WEFTLINE_EXPORT_TABLE };
  Recorded recorded;
  uint32_t task;

  record_run (&recorded, EXPORT_RUN, 2);
  task = weft_model_find_key (recorded.model, "dye-1");
  g_assert_cmpuint (task, !=, WEFT_NONE);
  for (unsigned i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      cairo_surface_t *pictures[4];

      for (unsigned k = 0; k < G_N_ELEMENTS (pictures); k++)
        {
          const WeftlineExport export = { .view = shown[i],
                                          .width = 700,
                                          .height = 260,
                                          .has_task = k > 0,
                                          .task = k == 3 ? recorded.snapshot.n_tasks : task,
                                          .lineage = k > 1 ? WEFTLINE_LINEAGE_ANCESTORS
                                                           : WEFTLINE_LINEAGE_NONE };

          pictures[k] = drawn (&recorded, &export, false);
        }
      g_assert_cmpfloat (share_that_differs (pictures[0], pictures[1]), >, 0.0001);
      g_assert_cmpfloat (share_that_differs (pictures[1], pictures[2]), >, 0.01);
      g_assert_cmpfloat (share_that_differs (pictures[0], pictures[3]), ==, 0);
      for (unsigned k = 0; k < G_N_ELEMENTS (pictures); k++)
        cairo_surface_destroy (pictures[k]);
    }
  recorded_clear (&recorded);
}

#define BYTES_RUN                                                                \
  "{\"weftline\": 1, \"tasks\": {"                                               \
  "\"card-1\": {\"op\": \"sleep\", \"args\": [0.02, 1]},"                        \
  "\"wool-1\": {\"op\": \"alloc\", \"args\": [3000000, {\"ref\": \"card-1\"}]}," \
  "\"spin-1\": {\"op\": \"sleep\", \"args\": [0.02, {\"ref\": \"wool-1\"}]},"    \
  "\"weave-1\": {\"op\": \"sleep\", \"args\": [0.02, {\"ref\": \"spin-1\"}]}}}"

/* A moment of the past: another picture, but where there is nothing to be seen: the run has no
 * processes as workers. */
static void
test_moments (void)
{
  Recorded recorded;

  record_run (&recorded, BYTES_RUN, 2);
  for (unsigned i = 0; i < G_N_ELEMENTS (views); i++)
    {
      WeftlineExport export = { .view = views[i], .width = 700, .height = 400 };
      cairo_surface_t *now = drawn (&recorded, &export, false), *then;
      double share;

      export.has_time = true;
      export.at_ns = recorded.snapshot.last_ns / 2;
      then = drawn (&recorded, &export, false);
      share = share_that_differs (now, then);
      if (views[i] == WEFTLINE_EXPORT_TRANSFERS)
        g_assert_cmpfloat (share, ==, 0); /* workers of one process sent nothing, then and now */
      else
        g_assert_true (share > 0.0003 || views[i] == WEFTLINE_EXPORT_WORKERS);
      cairo_surface_destroy (now);
      cairo_surface_destroy (then);
    }
  recorded_clear (&recorded);
}

static void
test_sizes (void)
{
  Recorded recorded;
  g_autoptr (GError) error = NULL;
  WeftlineExport export = { .view = WEFTLINE_EXPORT_GRAPH, .width = 20000, .height = 100 };

  record_run (&recorded, EXPORT_RUN, 2);
  g_assert_null (weftline_export_bytes (&export, recorded.model, &recorded.snapshot, &error));
  test_assert_error (&error, WEFTLINE_EXPORT_ERROR, WEFTLINE_EXPORT_ERROR_SIZE, "20000", NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (views); i++)
    for (int size = 1; size < 60; size += 7) /* nothing fits, nothing breaks */
      {
        g_autoptr (GBytes) png = NULL;
        cairo_surface_t *surface;

        export = (WeftlineExport){ .view = views[i], .width = size, .height = 60 - size };
        png = picture (&recorded, &export);
        surface = surface_of_png (png);
        g_assert_cmpint (cairo_image_surface_get_width (surface), ==, size);
        g_assert_cmpint (cairo_image_surface_get_height (surface), ==, 60 - size);
        cairo_surface_destroy (surface);
      }
  recorded_clear (&recorded);
}

/* Before anything is known of a run there is a picture too, which says so. */
static void
test_empty (void)
{
  WeftModelSnapshot snapshot = { 0 };
  WeftModel *model = weft_model_new ();

  for (unsigned i = 0; i < 2 * G_N_ELEMENTS (views); i++)
    for (WeftlineExportFormat format = 0; format <= WEFTLINE_EXPORT_PDF; format++)
      {
        WeftlineExport export = { .view = views[i / 2], .format = format };
        g_autoptr (GError) error = NULL;
        g_autoptr (GBytes) bytes =
            weftline_export_bytes (&export, i % 2 ? model : NULL, &snapshot, &error);

        g_assert_no_error (error);
        g_assert_cmpuint (g_bytes_get_size (bytes), >, 100);
      }
  weft_model_unref (model);
}

static void
test_files (void)
{
  Recorded recorded;
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "picture.svg", NULL);
  g_autofree char *nowhere = g_build_filename (dir, "none", "picture.svg", NULL);
  g_autoptr (GError) error = NULL;
  WeftlineExport export = { .format = WEFTLINE_EXPORT_SVG };
  g_autofree char *text = NULL;

  record_run (&recorded, EXPORT_RUN, 2);
  g_assert_true (weftline_export_file (&export, recorded.model, &recorded.snapshot, path, &error));
  text = test_file_read (path);
  g_assert_nonnull (strstr (text, "<title>Task stream: a loom</title>"));
  g_assert_true (g_str_has_suffix (g_strchomp (text), "</svg>"));
  g_assert_false (
      weftline_export_file (&export, recorded.model, &recorded.snapshot, nowhere, &error));
  test_assert_error (&error, G_FILE_ERROR, G_FILE_ERROR_NOENT, nowhere, NULL);
  recorded_clear (&recorded);
}

/* What is told of a text is where it was drawn. */
static void
test_shown_texts (void)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 200, 100);
  GArray *texts = weftline_collect_texts (surface);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (cr);
  PangoFontDescription *font = pango_font_description_from_string ("Sans 20px");
  const WeftlineShownText *shown;
  int width;

  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, "weft", -1);
  pango_layout_get_pixel_size (layout, &width, NULL);
  cairo_translate (cr, 30, 10);
  cairo_move_to (cr, 10, 5);
  weftline_show_layout (cr, layout);
  g_assert_cmpuint (texts->len, ==, 1);
  shown = &g_array_index (texts, WeftlineShownText, 0);
  g_assert_cmpstr (shown->text, ==, "weft");
  g_assert_cmpfloat (shown->x, ==, 40);
  g_assert_cmpfloat (shown->y, >, 15 + 10);
  g_assert_cmpfloat (shown->y, <, 15 + 30);
  g_assert_cmpfloat (shown->size, ==, 20);
  g_assert_cmpfloat_with_epsilon (shown->width, width, 1);
  pango_font_description_free (font);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-export", "export", "formats", test_formats);
  test_add ("ui-export", "export", "shapes-are-as-pixels", test_shapes);
  test_add ("ui-export", "export", "dense", test_dense);
  test_add ("ui-export", "export", "parts", test_parts);
  test_add ("ui-export", "export", "selection", test_selection);
  test_add ("ui-export", "export", "moments", test_moments);
  test_add ("ui-export", "export", "sizes", test_sizes);
  test_add ("ui-export", "export", "empty", test_empty);
  test_add ("ui-export", "export", "files", test_files);
  test_add ("ui-export", "export", "shown-texts", test_shown_texts);
  return g_test_run ();
}
