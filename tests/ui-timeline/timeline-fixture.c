/* timeline-fixture.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline-fixture.h"

#include <math.h>

static const char *const group_names[FIXTURE_N_GROUPS] = { "mViewer",   "mProject",    "mDiff",
                                                           "mFitplane", "mBackground", "mAdd",
                                                           "mShrink" };

void
fixture_add_task (WeftlineTimelineLane *lane, uint16_t group, int64_t start, int64_t end,
                  WeftOutcome outcome)
{
  WeftSpan span = {
    .start_ns = start,
    .end_ns = end,
    .task = (uint32_t) lane->n,
    .group = group,
    .kind = WEFT_RECORD_TASK,
    .how = (uint8_t) (WEFT_HOW_OWN | outcome << 4),
  };

  weft_spans_append ((WeftSpans *) lane->spans, &span);
  lane->n++;
}

void
fixture_add (WeftlineTimelineLane *lane, WeftRecordKind kind, int64_t start, int64_t end)
{
  WeftSpan span = {
    .start_ns = start,
    .end_ns = end,
    .task = WEFT_NONE,
    .group = WEFT_NO_GROUP,
    .kind = (uint8_t) kind,
  };

  weft_spans_append ((WeftSpans *) lane->spans, &span);
  lane->n++;
}

static void
add_random_task (WeftlineTimelineLane *lane, GRand *rand, int64_t at, int64_t ns, double where)
{
  int luck = g_rand_int_range (rand, 0, 1000);
  unsigned group = (unsigned) (where * (FIXTURE_N_GROUPS - 1)) + (luck % 5 == 0);
  WeftOutcome outcome = luck < 4    ? WEFT_OUTCOME_FAILED
                        : luck < 6  ? WEFT_OUTCOME_CANCELLED
                        : luck < 10 ? WEFT_OUTCOME_RETRIED
                                    : WEFT_OUTCOME_OK;

  fixture_add_task (lane, (uint16_t) group, at, at + ns, outcome);
}

static void
fill_lane (FixtureRun *run, WeftlineTimelineLane *lane, uint64_t n, GRand *rand, bool plain)
{
  static const WeftRecordKind others[] = { WEFT_RECORD_PARKED,        WEFT_RECORD_PARKED,
                                           WEFT_RECORD_SPILL_WRITE,   WEFT_RECORD_PAUSED,
                                           WEFT_RECORD_MEMORY_PAUSED, WEFT_RECORD_TRANSFER,
                                           WEFT_RECORD_PHASE,         WEFT_RECORD_BLOCKED };
  int64_t at = 0;

  for (uint64_t i = 0; i < n; i++)
    {
      int luck = g_rand_int_range (rand, 0, 100);
      int64_t ns = (int64_t) exp (g_rand_double_range (rand, 5, 10.5));

      at += luck < 50 ? 0 : g_rand_int_range (rand, 0, 2000);
      if (luck == 7 && !plain)
        ns *= 300;
      if (luck == 8)
        ns = 0;
      if (luck >= 90 && !plain)
        fixture_add (lane, others[g_rand_int_range (rand, 0, G_N_ELEMENTS (others))], at, at + ns);
      else
        add_random_task (lane, rand, at, ns, (double) i / (double) n);
      at += ns;
    }
  run->end_ns = MAX (run->end_ns, at);
}

FixtureRun *
fixture_run_new (const FixtureRunSpec *spec)
{
  FixtureRun *run = g_new0 (FixtureRun, 1);
  WeftlineGroupColors *colors = weftline_group_colors_new ();
  GRand *rand = g_rand_new_with_seed (spec->seed);

  run->names = g_new0 (char *, spec->n_lanes + 1);
  run->lanes = g_new0 (WeftlineTimelineLane, spec->n_lanes);
  for (unsigned i = 0; i < spec->n_lanes; i++)
    {
      run->names[i] = g_strdup_printf ("worker %u", i);
      run->lanes[i].name = run->names[i];
      run->lanes[i].spans = weft_spans_new ();
      fill_lane (run, &run->lanes[i], spec->n_spans / spec->n_lanes, rand, spec->plain);
    }
  for (unsigned i = 0; i < FIXTURE_N_GROUPS; i++)
    run->groups[i] = (WeftlineTimelineGroup){
      group_names[i],
      weftline_group_colors_add (colors, group_names[i]),
    };
  run->input = (WeftlineTimelineInput){ run->lanes, run->groups, spec->n_lanes, FIXTURE_N_GROUPS,
                                        INT64_MIN };
  g_rand_free (rand);
  weftline_group_colors_free (colors);
  return run;
}

void
fixture_run_free (FixtureRun *run)
{
  if (run == NULL)
    return;
  for (unsigned i = 0; i < run->input.n_lanes; i++)
    weft_spans_free ((WeftSpans *) run->lanes[i].spans);
  g_strfreev (run->names);
  g_free (run->lanes);
  g_free (run);
}

void
fixture_random_zoom (const FixtureRun *run, GRand *rand, WeftlineTimelineView *view)
{
  double least = (view->width - view->gutter) * view->scale;
  double length = exp (g_rand_double_range (rand, log (least), log ((double) run->end_ns * 1.2)));
  double from = g_rand_double_range (rand, -0.5 * length, (double) run->end_ns - 0.5 * length);

  view->t0_ns = (int64_t) from;
  view->t1_ns = view->t0_ns + (int64_t) length;
}

/* ---- the simplest way ------------------------------------------------------------------------ */

static int64_t
edge_of (const WeftlineTimelineView *view, int x, int width)
{
  return view->t0_ns + (int64_t) ((__int128) (view->t1_ns - view->t0_ns) * x / width);
}

static int
pixel_of (const int64_t *edges, int width, int64_t at)
{
  int x = 0;

  while (x + 1 < width && edges[x + 1] <= at)
    x++;
  return x;
}

static WeftlineTimelineForm
brute_form (const WeftSpan *span)
{
  static const WeftlineTimelineForm forms[] = {
    [WEFT_OUTCOME_OK] = WEFTLINE_FORM_DONE,
    [WEFT_OUTCOME_FAILED] = WEFTLINE_FORM_ERRED,
    [WEFT_OUTCOME_RETRIED] = WEFTLINE_FORM_RETRIED,
    [WEFT_OUTCOME_TIMED_OUT] = WEFTLINE_FORM_ERRED,
    [WEFT_OUTCOME_CANCELLED] = WEFTLINE_FORM_CANCELLED,
    [WEFT_OUTCOME_REPLACED] = WEFTLINE_FORM_DONE,
  };

  return forms[span->how >> 4];
}

/* One span in all pixels it touches. */
static void
brute_span (const WeftSpan *span, uint64_t index, const int64_t *edges, int width, BruteLane *brute,
            int64_t *busy, int64_t *longest)
{
  bool is_task = span->kind == WEFT_RECORD_TASK && span->depth == 0;
  double pixel_ns = ceil ((double) (edges[width] - edges[0]) / width);
  bool is_rect = false, fills_a_pixel = false;
  int x = pixel_of (edges, width, span->start_ns);

  if (is_task && (double) (span->end_ns - span->start_ns) >= pixel_ns)
    is_rect = span->start_ns < edges[0] || span->end_ns > edges[x + 1];
  for (int i = 0; i < width && is_rect; i++)
    fills_a_pixel |= span->start_ns <= edges[i] && span->end_ns >= edges[i + 1];
  for (; x < width; x++)
    {
      int64_t ns = MIN (span->end_ns, edges[x + 1]) - MAX (span->start_ns, edges[x]);
      uint16_t before = brute->columns[x].content;

      if (ns < 0 || (ns == 0 && span->start_ns < span->end_ns))
        break;
      brute->columns[x].content |= weft_spans_content (span);
      if (is_task && fills_a_pixel && ns < edges[x + 1] - edges[x])
        brute->columns[x].content = before | WEFT_SPANS_HAS_TASK;
      busy[x] += is_task ? ns : 0;
      if (is_task && ns > longest[x])
        {
          longest[x] = ns;
          brute->columns[x].group = span->group;
          brute->columns[x].form = is_rect ? brute_form (span) : WEFTLINE_FORM_FOLDED;
          brute->owners[x] = is_rect ? index : WEFTLINE_TIMELINE_NO_SPAN;
        }
      if (span->start_ns == span->end_ns)
        break;
    }
}

/* The last pixels of a rectangle of four and more that a task follows. */
static void
brute_separators (BruteLane *brute, int width, int scale)
{
  for (int x = 0, x1; x < width; x = x1)
    {
      for (x1 = x; x1 < width && brute->owners[x1] == brute->owners[x]; x1++)
        ;
      if (brute->owners[x] != WEFTLINE_TIMELINE_NO_SPAN && x1 - x >= 4 * scale && x1 < width
          && brute->columns[x1].share > 0)
        for (int i = 1; i <= scale; i++)
          brute->columns[x1 - i].separator = 1;
    }
}

void
brute_lane (const FixtureRun *run, unsigned lane, const WeftlineTimelineView *view, int width,
            BruteLane *brute)
{
  const WeftlineTimelineLane *info = &run->lanes[lane];
  g_autofree int64_t *edges = g_new (int64_t, width + 1);
  g_autofree int64_t *busy = g_new0 (int64_t, width);
  g_autofree int64_t *longest = g_new (int64_t, width);

  brute->columns = g_new0 (WeftlineTimelineColumn, width);
  brute->owners = g_new (uint64_t, width);
  for (int x = 0; x <= width; x++)
    edges[x] = edge_of (view, x, width);
  for (int x = 0; x < width; x++)
    {
      longest[x] = -1;
      brute->columns[x].group = WEFT_NO_GROUP;
      brute->owners[x] = WEFTLINE_TIMELINE_NO_SPAN;
    }
  for (uint64_t i = 0; i < info->n; i++)
    {
      const WeftSpan *span = weft_spans_get (info->spans, i);
      bool is_moment = span->start_ns == span->end_ns;

      if (span->start_ns < view->t1_ns
          && (is_moment ? span->start_ns >= view->t0_ns : span->end_ns > view->t0_ns))
        brute_span (span, i, edges, width, brute, busy, longest);
    }
  for (int x = 0; x < width; x++)
    {
      int64_t step = busy[x] == 0 ? 0 : 1 + busy[x] * 7 / (edges[x + 1] - edges[x]);

      brute->columns[x].share = (uint8_t) (step * 255 / 8);
    }
  brute_separators (brute, width, view->scale);
}

void
brute_lane_clear (BruteLane *brute)
{
  g_free (brute->columns);
  g_free (brute->owners);
}

static uint32_t
mix (uint32_t under, uint32_t over, double share)
{
  uint32_t mixed = 0;

  for (unsigned shift = 0; shift <= 16; shift += 8)
    {
      double a = under >> shift & 0xff, b = over >> shift & 0xff;

      mixed |= (uint32_t) (int) (a + (b - a) * share) << shift;
    }
  return mixed;
}

static uint32_t
brute_body (const WeftlinePalette *palette, const FixtureRun *run,
            const WeftlineTimelineColumn *column)
{
  uint32_t color = column->group < FIXTURE_N_GROUPS ? weftline_palette_group (
                       palette, run->groups[column->group].name, run->groups[column->group].slot)
                                                    : palette->slots[WEFTLINE_SLOT_OTHER];
  double strength = 72 + floor (column->share * 184.0 / 255);

  if (column->share > 0)
    {
      color = column->form == WEFTLINE_FORM_ERRED ? palette->error : color;
      if (column->form == WEFTLINE_FORM_CANCELLED)
        strength = floor (strength * 100 / 256);
      if (column->separator)
        strength = floor (strength * 70 / 256);
      return mix (palette->track, color, strength / 256);
    }
  if (column->content & WEFT_SPANS_HAS_SPILL)
    return mix (palette->track, palette->spill, 102.0 / 256);
  if (column->content & WEFT_SPANS_HAS_TRANSFER)
    return mix (palette->track, palette->transfer, 102.0 / 256);
  if (column->content & WEFT_SPANS_HAS_PHASE)
    return mix (palette->track, palette->phase, 102.0 / 256);
  if (column->content & WEFT_SPANS_HAS_PARKED && !(column->content & WEFT_SPANS_HAS_PAUSE))
    return palette->idle;
  return palette->track;
}

uint32_t
brute_color (const WeftlinePalette *palette, const FixtureRun *run,
             const WeftlineTimelineColumn *column, int y, int height, int scale)
{
  int edge = MAX (3 * scale, height / 6);
  bool is_upper = y < edge, is_lower = !is_upper && y >= height - edge;
  bool is_dash = (is_upper ? y : height - 1 - y) / scale % 3 == 0;
  bool is_marked = column->form != WEFTLINE_FORM_ERRED && column->form != WEFTLINE_FORM_CANCELLED;
  uint16_t content = column->content;

  if (is_upper && content & WEFT_SPANS_HAS_ERROR && is_marked)
    return palette->error;
  if (is_upper && is_dash && content & WEFT_SPANS_HAS_RETRY
      && !(content & WEFT_SPANS_HAS_ERROR && is_marked))
    return palette->error;
  if (is_lower && content & WEFT_SPANS_HAS_SPILL)
    return palette->spill;
  if (is_lower && is_dash && content & WEFT_SPANS_HAS_TRANSFER)
    return palette->transfer;
  return brute_body (palette, run, column);
}
