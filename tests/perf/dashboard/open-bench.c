/* open-bench.c: a long run's file, from opening it to the first picture of its task stream
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   open-bench [TASKS [WORKERS [FOLDER [INPUTS [OPENINGS]]]]]
 *   open-bench write PATH TASKS [WORKERS [INPUTS]]
 *   open-bench read PATH TASKS [OPENINGS]
 *
 * The second only writes the file, for others that measure; the third opens one that was written:
 * so two builds are compared by turns, with the same file.
 * INPUTS: of each task but the first ones; the graph in memory grows by them.
 * A child process runs that many tasks on the engine, which writes the file, and each opening is
 * one in another: so a process that opens it has nothing else in its memory. It is read as the
 * window does: a feed's thread fills a model, and the task stream is laid out and painted at
 * 1920 × 1080 when all is there. Then it draws the calibration.
 */
#include "config.h"

#include "model/weft-model.h"
#include "picture-times.h"
#include "recorded-run.h"
#include "timeline/timeline-hit.h"
#include "timeline/timeline-paint.h"
#include "timeline/timeline-source.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define N_GROUPS 7
#define GROUP_RUN 100000u
#define MOST_INPUTS 2u
#define N_CALIBRATIONS 20

static uint32_t n_inputs;

/* ---- the run --------------------------------------------------------------------------------- */

static uint32_t
make_call (WeftGraphBuilder *builder, bool reads)
{
  weft_graph_builder_begin_call (builder,
                                 reads && n_inputs > 1 ? "mul"
                                 : reads               ? "identity"
                                                       : "const",
                                 0, 1);
  for (uint32_t slot = 0; reads && slot < n_inputs; slot++)
    weft_graph_builder_arg_slot (builder, slot);
  if (!reads)
    weft_graph_builder_arg_int64 (builder, 1);
  return weft_graph_builder_end_call (builder);
}

/* In a few groups, each of which reads what the one before it made. */
static WeftGraph *
make_graph (uint32_t n_tasks)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t patterns[N_GROUPS], calls[2];
  WeftGraph *graph;

  for (uint32_t group = 0; group < N_GROUPS; group++)
    {
      g_autofree char *prefix = g_strdup_printf ("group%c-", 'a' + (char) group);

      patterns[group] = weft_graph_builder_key_pattern (builder, prefix, "");
    }
  for (unsigned reads = 0; reads < 2; reads++)
    calls[reads] = make_call (builder, reads != 0 && n_inputs > 0);
  for (uint32_t task = 0; task < n_tasks; task++)
    {
      WeftTaskOutput inputs[MOST_INPUTS] = { 0 };
      uint32_t n = task < GROUP_RUN + MOST_INPUTS ? 0 : n_inputs;

      for (uint32_t i = 0; i < n; i++)
        inputs[i].task = task - GROUP_RUN - i;
      weft_graph_builder_add_numbered (builder, patterns[task / GROUP_RUN % N_GROUPS], task,
                                       calls[n > 0], inputs, n);
    }
  weft_graph_builder_want (builder, n_tasks - 1, 0);
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  return graph;
}

/* ---- opening it ------------------------------------------------------------------------------ */

/* Pages of the process in memory, those of mapped files among them. */
static uint64_t
status_bytes (const char *name)
{
  g_autofree char *status = NULL;
  const char *line = NULL;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    line = strstr (status, name);
  return line != NULL ? g_ascii_strtoull (line + strlen (name), NULL, 10) * 1024 : 0;
}

typedef struct
{
  GMutex lock;
  GCond cond;
  WeftModelFeedState state;
  double thread_ms; /* CPU time of the feed's thread */
} Waiting;

static void
changed_cb (WeftModelFeed *feed, void *data)
{
  Waiting *waiting = data;

  g_mutex_lock (&waiting->lock);
  waiting->state = weft_model_feed_state (feed);
  waiting->thread_ms = thread_ms ();
  g_cond_signal (&waiting->cond);
  g_mutex_unlock (&waiting->lock);
}

/* @of_thread: (out): what the thread took that all others wait for. Returns: whether the file holds
 * a whole run */
static bool
read_model (WeftModel *model, const char *path, double *of_thread)
{
  Waiting waiting = { .state = WEFT_FEED_READING };
  WeftModelFeed *feed = weft_model_feed_new (model, path, -1, changed_cb, &waiting, NULL);

  if (feed == NULL)
    return false;
  g_mutex_lock (&waiting.lock);
  while (waiting.state < WEFT_FEED_ENDED)
    g_cond_wait (&waiting.cond, &waiting.lock);
  g_mutex_unlock (&waiting.lock);
  weft_model_feed_free (feed);
  *of_thread = waiting.thread_ms;
  return waiting.state == WEFT_FEED_ENDED;
}

typedef struct
{
  WeftlineTimelineSource source;
  WeftlineTimelineInput input;
  WeftlineTimelineLayout *layout;
  WeftlineTimelinePaint *paint;
  WeftlineTimelineView view;
} Picture;

static void
draw (Picture *picture, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  const WeftlineTimelineLook look = {
    .palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false),
    .font = "Sans 10",
    .labels = WEFTLINE_LABELS_GROUP,
  };

  picture->view = (WeftlineTimelineView){
    .width = PICTURE_WIDTH, .height = PICTURE_HEIGHT, .scale = 1, .gutter = 90
  };
  weftline_timeline_source_init (&picture->source);
  weftline_timeline_source_take (&picture->source, model, snapshot, &picture->input);
  weftline_timeline_extent (&picture->input, &picture->view.t0_ns, &picture->view.t1_ns);
  picture->layout = weftline_timeline_layout_new ();
  picture->paint = weftline_timeline_paint_new ();
  weftline_timeline_layout_run (picture->layout, &picture->input, &picture->view);
  weftline_timeline_paint_data (picture->paint, picture->layout, &look);
}

typedef struct
{
  bool is_whole;
  uint64_t n_spans;
  uint32_t n_lanes;
  double wall_ms, cpu_ms, path_ms; /* path: one after the other, what all others wait for */
  double grown_bytes, mapped_bytes, most_bytes;
  double calibration_ms[N_CALIBRATIONS];
} Opening;

static void
time_calibration (double *times)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, PICTURE_WIDTH, PICTURE_HEIGHT);
  cairo_t *cr = cairo_create (surface);

  for (unsigned i = 0; i < N_CALIBRATIONS; i++)
    times[i] = calibrate (cr, rand);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
open_run (const char *path, uint32_t n_tasks, Opening *opening)
{
  uint64_t before = status_bytes ("VmRSS:");
  double cpu = cpu_ms (CLOCK_PROCESS_CPUTIME_ID), wall = cpu_ms (CLOCK_MONOTONIC), start;
  WeftModel *model = weft_model_new ();
  WeftModelSnapshot snapshot;
  Picture picture;

  if (!read_model (model, path, &opening->path_ms))
    return;
  start = thread_ms ();
  weft_model_snapshot (model, &snapshot);
  draw (&picture, model, &snapshot);
  opening->path_ms += thread_ms () - start;
  opening->wall_ms = cpu_ms (CLOCK_MONOTONIC) - wall;
  opening->cpu_ms = cpu_ms (CLOCK_PROCESS_CPUTIME_ID) - cpu;
  opening->n_spans = snapshot.n_spans;
  opening->n_lanes = picture.input.n_lanes;
  opening->grown_bytes = (double) (status_bytes ("VmRSS:") - before);
  opening->mapped_bytes = (double) status_bytes ("RssFile:");
  opening->most_bytes = (double) (status_bytes ("VmHWM:") - before);
  time_calibration (opening->calibration_ms);
  opening->is_whole = picture.layout->n_tasks == n_tasks;
  if (!opening->is_whole)
    fprintf (stderr, "open-bench: %u tasks were run, the picture has %" PRIu64 "\n", n_tasks,
             picture.layout->n_tasks);
  weftline_timeline_paint_free (picture.paint);
  weftline_timeline_layout_free (picture.layout);
  weftline_timeline_source_clear (&picture.source);
  weft_model_unref (model);
}

/* In memory shared with the processes that open it. (nullable): one failed */
static Opening *
open_apart (const char *path, uint32_t n_tasks, unsigned n)
{
  Opening *openings =
      mmap (NULL, n * sizeof *openings, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  if (openings == MAP_FAILED)
    return NULL;
  for (unsigned i = 0; i < n; i++)
    {
      pid_t child = fork ();

      if (child == 0)
        {
          open_run (path, n_tasks, &openings[i]);
          _exit (EXIT_SUCCESS);
        }
      if (child < 0 || waitpid (child, NULL, 0) != child || !openings[i].is_whole)
        return NULL;
    }
  return openings;
}

/* One of what was measured of each, which is at @offset in it. (transfer full) */
static double *
column (const Opening *openings, unsigned n, size_t offset)
{
  double *times = g_new (double, n);

  for (unsigned i = 0; i < n; i++)
    times[i] = *(const double *) (const void *) ((const char *) &openings[i] + offset);
  return times;
}

static double
quantile_in (const Opening *openings, unsigned n, size_t offset, double q)
{
  g_autofree double *times = column (openings, n, offset);

  return quantile_of (times, n, q);
}

static void
print_openings (const Opening *openings, unsigned n, const char *path)
{
  g_autofree double *base = g_new (double, n *N_CALIBRATIONS);
  g_autofree double *wall = column (openings, n, offsetof (Opening, wall_ms));
  g_autofree double *of_path = column (openings, n, offsetof (Opening, path_ms));
  double n_spans = (double) openings[0].n_spans, middle;
  struct stat file;

  for (unsigned i = 0; i < n; i++)
    memcpy (base + i * N_CALIBRATIONS, openings[i].calibration_ms, sizeof openings->calibration_ms);
  middle = quantile_of (base, n * N_CALIBRATIONS, 0.5);
  if (stat (path, &file) != 0)
    return;
  printf ("%.0f spans in %u lanes; file %.1f bytes a span\n", n_spans, openings[0].n_lanes,
          (double) file.st_size / n_spans);
  print_times ("opened", wall, n, middle);
  print_times ("one after the other", of_path, n, middle);
  printf ("CPU: median %.0f ms\n", quantile_in (openings, n, offsetof (Opening, cpu_ms), 0.5));
  printf ("memory: %.1f bytes a span, of files %.1f, at most %.1f\n",
          quantile_in (openings, n, offsetof (Opening, grown_bytes), 1) / n_spans,
          quantile_in (openings, n, offsetof (Opening, mapped_bytes), 1) / n_spans,
          quantile_in (openings, n, offsetof (Opening, most_bytes), 1) / n_spans);
}

static int
write_only (int argc, char **argv)
{
  uint32_t n_tasks = argc > 3 ? (uint32_t) atoi (argv[3]) : 0;
  uint32_t n_workers = argc > 4 ? (uint32_t) atoi (argv[4]) : 16;

  n_inputs = argc > 5 ? (uint32_t) atoi (argv[5]) : 0;
  if (n_tasks < 1 || n_workers < 1 || n_inputs > MOST_INPUTS)
    return 2;
  return write_apart (argv[2], make_graph, n_tasks, n_workers) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
read_only (int argc, char **argv)
{
  uint32_t n_tasks = argc > 3 ? (uint32_t) atoi (argv[3]) : 0;
  unsigned n_openings = argc > 4 ? (unsigned) MAX (atoi (argv[4]), 1) : 1;
  Opening *openings = n_tasks > 0 ? open_apart (argv[2], n_tasks, n_openings) : NULL;

  if (n_tasks < 1)
    return 2;
  if (openings != NULL)
    print_openings (openings, n_openings, argv[2]);
  return openings != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  if (argc > 1 && strcmp (argv[1], "write") == 0)
    return write_only (argc, argv);
  if (argc > 1 && strcmp (argv[1], "read") == 0)
    return read_only (argc, argv);

  uint32_t n_tasks = argc > 1 ? (uint32_t) atoi (argv[1]) : 10000000;
  uint32_t n_workers = argc > 2 ? (uint32_t) atoi (argv[2]) : 16;
  const char *folder = argc > 3 ? argv[3] : g_get_tmp_dir ();
  g_autofree char *path = g_strdup_printf ("%s/open-bench-%d.weft", folder, (int) getpid ());
  unsigned n_openings = argc > 5 ? (unsigned) MAX (atoi (argv[5]), 1) : 1;
  Opening *openings = NULL;

  n_inputs = argc > 4 ? (uint32_t) atoi (argv[4]) : 0;
  if (n_tasks < 1 || n_workers < 1 || n_inputs > MOST_INPUTS)
    return 2;
  if (write_apart (path, make_graph, n_tasks, n_workers))
    openings = open_apart (path, n_tasks, n_openings);
  if (openings != NULL)
    print_openings (openings, n_openings, path);
  unlink (path);
  return openings != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
