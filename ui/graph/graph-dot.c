/* graph-dot.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An inch of dot's is a row of ours. Nodes of the same x are a layer; an edge over several layers
 * bends where dot's curve passes the two edges of each, so both layouts are drawn by the same pen.
 */
#include "config.h"

#include "graph/graph-dot.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "weftline-dot"
#define WAIT_MS 50
#define SAME_LAYER 0.02f
#define CURVE_STEPS 12

#ifndef WEFTLINE_PROGRAMS_DIR
#define WEFTLINE_PROGRAMS_DIR "."
#endif

/* ---- the program ----------------------------------------------------------------------------- */

/* Beside the program that this is in, where an installation has it, and beside tests. (transfer
 * full) (nullable) */
static char *
find_program (void)
{
  static const char *const places[] = { ".", WEFTLINE_PROGRAMS_DIR, "../ui", "../../ui" };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : g_strdup (".");

  for (unsigned i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *there = g_canonicalize_filename (places[i], folder);
      g_autofree char *path = g_build_filename (there, PROGRAM, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  return NULL;
}

bool
weftline_dot_is_there (void)
{
  g_autofree char *path = find_program ();

  return path != NULL;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static char *
question (const WeftlineGraphEdges *edges, const float *widths)
{
  GString *text = g_string_new (NULL);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, "%u %u\n", edges->n_nodes, edges->offsets[edges->n_nodes]);
  for (uint32_t i = 0; i < edges->n_nodes; i++)
    {
      double width = widths != NULL ? (double) widths[i] : 0;

      width = CLAMP (width, (double) WEFTLINE_GRAPH_NODE_WIDTH, (double) WEFTLINE_GRAPH_MAX_WIDTH);
      g_string_append (text, g_ascii_formatd (number, sizeof number, "%.4f", width));
      g_string_append_c (text, ' ');
      g_string_append (text, g_ascii_formatd (number, sizeof number, "%.4f",
                                              (double) WEFTLINE_GRAPH_NODE_HEIGHT));
      g_string_append_c (text, '\n');
    }
  for (uint32_t i = 0; i < edges->n_nodes; i++)
    for (uint32_t e = edges->offsets[i]; e < edges->offsets[i + 1]; e++)
      g_string_append_printf (text, "%u %u\n", i, edges->targets[e]);
  return g_string_free (text, FALSE);
}

/* A file without a name that has it, to be read from its start: whoever reads may stop at any time.
 * Returns: -1: none can be had */
static int
file_of (const char *text)
{
  size_t n_bytes = strlen (text);
  int file = memfd_create ("graph", MFD_CLOEXEC);

  if (file < 0)
    return -1;
  while (n_bytes > 0)
    {
      ssize_t n = write (file, text, n_bytes);

      if (n < 0 && errno != EINTR)
        {
          close (file);
          return -1;
        }
      text += MAX (n, 0);
      n_bytes -= (size_t) MAX (n, 0);
    }
  lseek (file, 0, SEEK_SET);
  return file;
}

/* Until the end, until nobody wants it any more, or its time is over. */
static WeftlineDotOutcome
read_all (int file, GString *text, int64_t until_us, const atomic_bool *cancel)
{
  for (;;)
    {
      struct pollfd wait = { .fd = file, .events = POLLIN };
      char bytes[4096];
      ssize_t n;

      if (cancel != NULL && atomic_load_explicit (cancel, memory_order_relaxed))
        return WEFTLINE_DOT_CANCELLED;
      if (g_get_monotonic_time () >= until_us)
        return WEFTLINE_DOT_TOO_LONG;
      if (poll (&wait, 1, WAIT_MS) <= 0)
        continue;
      n = read (file, bytes, sizeof bytes);
      if (n == 0)
        return WEFTLINE_DOT_DONE;
      if (n < 0 && errno != EINTR)
        return WEFTLINE_DOT_FAILED;
      g_string_append_len (text, bytes, MAX (n, 0));
    }
}

/* @answer: (out): the text, if it is DONE */
static WeftlineDotOutcome
ask (const char *program, const char *text, int64_t until_us, const atomic_bool *cancel,
     char **answer)
{
  const char *arguments[] = { program, NULL };
  int input = file_of (text), output = -1, status = 1;
  WeftlineDotOutcome outcome = WEFTLINE_DOT_FAILED;
  GString *said = g_string_new (NULL);
  GPid pid;

  if (input >= 0
      && g_spawn_async_with_pipes_and_fds (
          NULL, arguments, NULL,
          G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL | G_SPAWN_CLOEXEC_PIPES, NULL,
          NULL, input, -1, -1, NULL, NULL, 0, &pid, NULL, &output, NULL, NULL))
    {
      outcome = read_all (output, said, until_us, cancel);
      if (outcome != WEFTLINE_DOT_DONE)
        kill (pid, SIGKILL);
      while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
        ;
      close (output);
      if (outcome == WEFTLINE_DOT_DONE && status != 0)
        outcome = WEFTLINE_DOT_FAILED;
    }
  if (input >= 0)
    close (input);
  *answer = g_string_free (said, FALSE);
  return outcome;
}

/* ---- the answer ------------------------------------------------------------------------------ */

typedef struct
{
  const char *at;
  bool bad;
} Numbers;

static float
next_number (Numbers *numbers)
{
  char *end;
  double number = g_ascii_strtod (numbers->at, &end);

  numbers->bad |= end == numbers->at || !isfinite (number);
  numbers->at = end;
  return numbers->bad ? 0 : (float) number;
}

typedef struct
{
  float x, y;
} Point;

/* Nodes by x, from left to right. */
static int
compare_x (const void *a, const void *b, void *data)
{
  const float *x = data;
  uint32_t i = *(const uint32_t *) a, k = *(const uint32_t *) b;

  return (x[i] > x[k]) - (x[i] < x[k]);
}

/* (transfer full): n_layers: the layers' middles */
static float *
find_layers (WeftlineGraphLayout *layout, const float *widths)
{
  uint32_t n = layout->n_nodes;
  g_autofree uint32_t *order = g_new (uint32_t, n + 1);
  float *middles = g_new (float, n + 1);

  layout->layer = g_new (uint32_t, n + 1);
  layout->node_width = g_new (float, n + 1);
  for (uint32_t i = 0; i < n; i++)
    order[i] = i;
  qsort_r (order, n, sizeof *order, compare_x, layout->x);
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t node = order[i];
      float width = widths != NULL ? MIN (widths[node], WEFTLINE_GRAPH_MAX_WIDTH) : 0;

      if (i == 0 || layout->x[node] > middles[layout->n_layers - 1] + SAME_LAYER)
        {
          middles[layout->n_layers] = layout->x[node];
          layout->node_width[layout->n_layers++] = WEFTLINE_GRAPH_NODE_WIDTH;
        }
      layout->layer[node] = layout->n_layers - 1;
      layout->node_width[layout->layer[node]] =
          MAX (layout->node_width[layout->layer[node]], width);
    }
  return middles;
}

/* Connected ones have the same number. */
static void
find_parts (WeftlineGraphLayout *layout, const WeftlineGraphEdges *edges)
{
  uint32_t n = layout->n_nodes;
  bool changed = true;

  layout->part = g_new (uint32_t, n + 1);
  for (uint32_t i = 0; i < n; i++)
    layout->part[i] = i;
  while (changed)
    {
      changed = false;
      for (uint32_t i = 0; i < n; i++)
        for (uint32_t e = edges->offsets[i]; e < edges->offsets[i + 1]; e++)
          {
            uint32_t *from = &layout->part[i], *to = &layout->part[edges->targets[e]];

            changed |= *from != *to;
            *from = *to = MIN (*from, *to);
          }
    }
  for (uint32_t i = 0; i < n; i++)
    layout->part[i] = layout->part[i] == i ? layout->n_parts++ : layout->part[layout->part[i]];
}

/* ---- bends ----------------------------------------------------------------------------------- */

static Point
curve_at (const Point *p, float t)
{
  float s = 1 - t, a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;

  return (Point){ a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x,
                  a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y };
}

/* (transfer full): the curve as a line of many points */
static GArray *
flatten (const GArray *curve)
{
  GArray *line = g_array_new (FALSE, FALSE, sizeof (Point));

  for (guint i = 0; i + 3 < curve->len; i += 3)
    for (int step = 0; step <= CURVE_STEPS; step++)
      {
        Point point = curve_at (&g_array_index (curve, Point, i), (float) step / CURVE_STEPS);

        g_array_append_val (line, point);
      }
  return line;
}

/* Where the line passes an x. Returns: false: nowhere */
static bool
height_at (const GArray *line, float x, float *y)
{
  for (guint i = 1; i < line->len; i++)
    {
      Point a = g_array_index (line, Point, i - 1), b = g_array_index (line, Point, i);

      if (a.x > x || b.x < x)
        continue;
      *y = b.x > a.x ? a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x) : a.y;
      return true;
    }
  return false;
}

static void
read_curve (Numbers *numbers, GArray *curve)
{
  float n = next_number (numbers);

  g_array_set_size (curve, 0);
  for (float i = 0; i < n && !numbers->bad; i++)
    {
      Point point;

      point.x = next_number (numbers);
      point.y = next_number (numbers);
      g_array_append_val (curve, point);
    }
}

static void
add_bends (const WeftlineGraphLayout *layout, const float *middles, const GArray *curve,
           uint32_t from, uint32_t to, GArray *bends)
{
  g_autoptr (GArray) line = flatten (curve);

  for (uint32_t layer = layout->layer[from] + 1; layer < layout->layer[to]; layer++)
    for (int side = -1; side <= 1; side += 2)
      {
        Point bend = { middles[layer] + (float) side * layout->node_width[layer] / 2, 0 };

        if (height_at (line, bend.x, &bend.y))
          g_array_append_val (bends, bend);
      }
}

static void
take_bends (WeftlineGraphLayout *layout, const WeftlineGraphEdges *edges, const float *middles,
            Numbers *numbers)
{
  g_autoptr (GArray) bends = g_array_new (FALSE, FALSE, sizeof (Point));
  g_autoptr (GArray) curve = g_array_new (FALSE, FALSE, sizeof (Point));
  uint32_t n_edges = edges->offsets[edges->n_nodes];

  layout->bends_of_edge = g_new0 (uint32_t, n_edges + 1);
  for (uint32_t i = 0; i < edges->n_nodes; i++)
    for (uint32_t e = edges->offsets[i]; e < edges->offsets[i + 1]; e++)
      {
        read_curve (numbers, curve);
        add_bends (layout, middles, curve, i, edges->targets[e], bends);
        layout->bends_of_edge[e + 1] = bends->len;
      }
  layout->n_bends = bends->len;
  layout->bend_x = g_new (float, bends->len + 1);
  layout->bend_y = g_new (float, bends->len + 1);
  for (guint i = 0; i < bends->len; i++)
    {
      layout->bend_x[i] = g_array_index (bends, Point, i).x;
      layout->bend_y[i] = g_array_index (bends, Point, i).y;
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static WeftlineGraphLayout *
read_answer (const char *text, const WeftlineGraphEdges *edges, const float *widths)
{
  WeftlineGraphLayout *layout = g_new0 (WeftlineGraphLayout, 1);
  Numbers numbers = { text, false };
  g_autofree float *middles = NULL;

  layout->n_nodes = edges->n_nodes;
  layout->n_crossings = UINT64_MAX;
  layout->width = next_number (&numbers);
  layout->height = next_number (&numbers);
  layout->x = g_new0 (float, edges->n_nodes + 1);
  layout->y = g_new0 (float, edges->n_nodes + 1);
  for (uint32_t i = 0; i < edges->n_nodes; i++)
    {
      layout->x[i] = next_number (&numbers);
      layout->y[i] = next_number (&numbers);
    }
  middles = find_layers (layout, widths);
  find_parts (layout, edges);
  take_bends (layout, edges, middles, &numbers);
  if (numbers.bad)
    g_clear_pointer (&layout, weftline_graph_layout_free);
  return layout;
}

static WeftlineDotOutcome
lay_out (const WeftlineGraphEdges *edges, const float *widths, unsigned limit_ms,
         const atomic_bool *cancel, WeftlineGraphLayout **layout)
{
  int64_t until_us = g_get_monotonic_time () + (int64_t) limit_ms * 1000;
  g_autofree char *program = NULL;
  g_autofree char *asked = NULL;
  g_autofree char *answer = NULL;
  WeftlineDotOutcome outcome;

  if (edges->n_nodes > WEFTLINE_DOT_MAX_TASKS
      || edges->offsets[edges->n_nodes] > WEFTLINE_DOT_MAX_EDGES)
    return WEFTLINE_DOT_TOO_LARGE;
  program = find_program ();
  if (program == NULL)
    return WEFTLINE_DOT_NOT_THERE;
  asked = question (edges, widths);
  outcome = ask (program, asked, until_us, cancel, &answer);
  if (outcome == WEFTLINE_DOT_DONE)
    *layout = read_answer (answer, edges, widths);
  return outcome == WEFTLINE_DOT_DONE && *layout == NULL ? WEFTLINE_DOT_FAILED : outcome;
}

WeftlineGraphLayout *
weftline_graph_layout_new_dot (const WeftlineGraphEdges *edges, const float *widths,
                               unsigned limit_ms, const atomic_bool *cancel,
                               WeftlineDotOutcome *outcome)
{
  WeftlineGraphLayout *layout = NULL;
  WeftlineDotOutcome found = WEFTLINE_DOT_DONE;

  if (edges->n_nodes > 0)
    found = lay_out (edges, widths, limit_ms, cancel, &layout);
  if (outcome != NULL)
    *outcome = found;
  return layout;
}
