/* graph-look.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-look.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

void
weftline_graph_look_init (WeftlineGraphLook *look)
{
  *look = (WeftlineGraphLook){ .zoom = 1,
                               .slots = weftline_group_colors_new (),
                               .slot_of_group = g_array_new (FALSE, FALSE, sizeof (unsigned)),
                               .sums = g_array_new (FALSE, TRUE, sizeof (double)),
                               .marked = g_array_new (FALSE, TRUE, sizeof (uint32_t)) };
}

void
weftline_graph_look_clear (WeftlineGraphLook *look)
{
  weftline_graph_look_clear_values (look);
  weftline_group_colors_free (look->slots);
  g_array_unref (look->slot_of_group);
  g_array_unref (look->sums);
  g_array_unref (look->marked);
  weftline_graph_texts_free (look->texts);
}

static WeftlineGraphColor
color_of (uint32_t rgb)
{
  return (WeftlineGraphColor){ (float) (rgb >> 16 & 255) / 255, (float) (rgb >> 8 & 255) / 255,
                               (float) (rgb & 255) / 255, 1 };
}

static const char *
group_name (uint32_t group, const void *data)
{
  const WeftlineGraphLook *look = data;
  WeftModelGroup info;

  weft_model_group (look->model, group, &info);
  return info.name;
}

/* What tasks had taken by a moment of the past is not known by group. */
static void
group_facts (uint32_t group, const void *data, WeftlineGroupFacts *facts)
{
  const WeftlineGraphLook *look = data;
  WeftModelGroup info;

  *facts = (WeftlineGroupFacts){ 0 };
  if (look->moment != NULL)
    {
      if (group < look->moment->n_groups)
        facts->live_bytes = look->moment->groups[group].live_bytes;
      return;
    }
  weft_model_group (look->model, group, &info);
  *facts = (WeftlineGroupFacts){ info.busy_ns, info.live_bytes };
}

static WeftlineGraphColor
group_color (uint32_t group, const void *data)
{
  const WeftlineGraphLook *look = data;
  GArray *slots = look->slot_of_group;

  if (group >= look->n_groups)
    return color_of (look->palette->slots[WEFTLINE_SLOT_OTHER]);
  while (slots->len <= group)
    {
      unsigned slot = weftline_group_colors_add (look->slots, group_name (slots->len, data));

      g_array_append_val (slots, slot);
    }
  return color_of (weftline_palette_group (look->palette, group_name (group, data),
                                           g_array_index (slots, unsigned, group)));
}

static char *
dup_label (uint32_t task, const void *data)
{
  const WeftlineGraphLook *look = data;

  g_autofree char *key = weft_model_task_dup_key (look->model, task);

  if (task >= look->n_values)
    return g_steal_pointer (&key);
  /* the number first: what does not fit is left out in the middle */
  return g_strdup_printf ("%.0f · %s", (double) look->values[task], key);
}

/* ---- values ---------------------------------------------------------------------------------- */

void
weftline_graph_look_clear_values (WeftlineGraphLook *look)
{
  g_clear_pointer (&look->values, g_free);
  look->n_values = look->n_summed = 0;
  g_array_set_size (look->sums, 0);
  look->value_most = 0;
}

static void
add_values (WeftlineGraphLook *look, const WeftGraphArrays *arrays, WeftlineGraphValue value)
{
  float most, before = value == WEFTLINE_VALUE_ORDER ? (float) look->n_values : 0;
  g_autofree float *values = weftline_graph_values_new (arrays, value, &most);

  look->values = g_renew (float, look->values, (size_t) look->n_values + arrays->n_tasks + 1);
  for (uint32_t i = 0; i < arrays->n_tasks; i++)
    look->values[look->n_values + i] = before + values[i];
  look->n_values += arrays->n_tasks;
  look->value_most = MAX (look->value_most, before + most);
}

void
weftline_graph_look_set_values (WeftlineGraphLook *look, const WeftModel *model,
                                uint32_t n_segments, WeftlineGraphValue value)
{
  weftline_graph_look_clear_values (look);
  look->value_title = weftline_graph_value_title (value);
  for (uint32_t i = 0; i < n_segments; i++)
    {
      WeftGraph *graph = weft_model_graph (model, i);

      if (graph == NULL)
        break;
      add_values (look, weft_graph_arrays (graph), value);
    }
  look->value_most = MAX (look->value_most, 1); /* a scale needs an end */
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Tasks that are known since then have waited then. */
static void
group_states (const WeftlineGraphLook *look, uint32_t group, WeftlineSceneCell *cell)
{
  const WeftMoment *moment = look->moment;
  uint32_t n_then = 0;
  WeftModelGroup info;

  weft_model_group (look->model, group, &info);
  cell->group = group;
  cell->n_tasks = info.n_tasks;
  if (moment == NULL)
    {
      memcpy (cell->n_states, info.n_states, sizeof cell->n_states);
      return;
    }
  for (unsigned state = 0; group < moment->n_groups && state < WEFT_TASK_N_STATES; state++)
    {
      cell->n_states[state] = moment->groups[group].n_states[state];
      n_then += cell->n_states[state];
    }
  cell->n_states[WEFT_TASK_WAITING] += info.n_tasks - MIN (n_then, info.n_tasks);
}

/* Of a set they are counted once. */
static void
count_marked (WeftlineGraphLook *look, uint32_t n_tasks, const WeftlineTaskSet *marked)
{
  uint32_t *n_marked;

  if (look->marked_serial == marked->serial && look->n_marked_of == n_tasks
      && look->marked->len == look->n_groups)
    return;
  look->marked_serial = marked->serial;
  look->n_marked_of = n_tasks;
  g_array_set_size (look->marked, 0);
  g_array_set_size (look->marked, look->n_groups);
  n_marked = (uint32_t *) (void *) look->marked->data;
  for (uint32_t word = 0; word < (n_tasks + 63) / 64; word++)
    for (uint64_t bits = marked->bits[word]; bits != 0; bits &= bits - 1)
      {
        uint32_t task = word * 64 + (uint32_t) __builtin_ctzll (bits);
        uint32_t group = task < n_tasks ? weft_model_task_group (look->model, task) : WEFT_NONE;

        if (group < look->n_groups)
          n_marked[group]++;
      }
}

/* Values are added up once; those of tasks that are new are added. */
static void
sum_values (WeftlineGraphLook *look, uint32_t n_tasks)
{
  uint32_t end = MIN (n_tasks, look->n_values);
  double *sums;

  if (look->sums->len < look->n_groups)
    g_array_set_size (look->sums, look->n_groups);
  sums = (double *) (void *) look->sums->data;
  for (; look->n_summed < end; look->n_summed++)
    {
      uint32_t group = weft_model_task_group (look->model, look->n_summed);

      if (group < look->n_groups)
        sums[group] += (double) look->values[look->n_summed];
    }
}

void
weftline_graph_look_groups (WeftlineGraphLook *look, uint32_t n_tasks,
                            const WeftlineTaskSet *marked, GArray *groups)
{
  WeftlineSceneCell *cells;

  if (marked != NULL)
    count_marked (look, n_tasks, marked);
  if (look->n_values > 0)
    sum_values (look, n_tasks);
  g_array_set_size (groups, look->n_groups);
  cells = (WeftlineSceneCell *) (void *) groups->data;
  for (uint32_t g = 0; g < look->n_groups; g++)
    {
      cells[g] = (WeftlineSceneCell){ 0 };
      group_states (look, g, &cells[g]);
      if (marked != NULL)
        cells[g].n_marked = g_array_index (look->marked, uint32_t, g);
      if (look->n_values > 0)
        cells[g].value =
            (float) (g_array_index (look->sums, double, g) / MAX (1, cells[g].n_tasks));
    }
}

uint32_t
weftline_graph_look_n_interrupted (const WeftlineGraphLook *look)
{
  WeftModelSnapshot snapshot;

  if (look->model == NULL || look->moment != NULL)
    return 0;
  weft_model_snapshot (look->model, &snapshot);
  return snapshot.phase == WEFT_RUN_INTERRUPTED ? snapshot.n_states[WEFT_TASK_RUNNING] : 0;
}

/* ---- the picture ----------------------------------------------------------------------------- */

#define LEGEND_MARGIN 12
#define LEGEND_ROW 18
#define LEGEND_TOP 6

/* Measured again only where something else fits. */
static int
legend_rows (WeftlineGraphLook *look, int width)
{
  bool of_values = look->n_values > 0;
  WeftlineGraphStyle style;

  bool interrupted = weftline_graph_look_n_interrupted (look) > 0;

  if (look->foot_rows > 0 && look->foot_width == width && look->foot_of_values == of_values
      && look->foot_zoom == look->zoom && look->foot_interrupted == interrupted)
    return look->foot_rows;
  weftline_graph_style_init (&style, false);
  style.interrupted = interrupted;
  style.font_px *= look->zoom;
  style.value_title = look->value_title;
  look->foot_width = width;
  look->foot_of_values = of_values;
  look->foot_zoom = look->zoom;
  look->foot_interrupted = interrupted;
  look->foot_rows = weftline_graph_legend_rows (width - 2 * LEGEND_MARGIN, &style, 0,
                                                of_values ? look->value_most : 0);
  return look->foot_rows;
}

int
weftline_graph_look_foot (WeftlineGraphLook *look, int width, int height)
{
  double one = (WEFTLINE_GRAPH_FOOT - LEGEND_ROW) * look->zoom, row = LEGEND_ROW * look->zoom;
  int room = (int) ((height / 3 - one) / row);

  look->foot = (int) ceil (one + row * CLAMP (legend_rows (look, width), 1, MAX (room, 1)));
  return look->foot;
}

static WeftlineGraphTexts *
kept_texts (WeftlineGraphLook *look)
{
  if (look->texts_zoom != look->zoom)
    g_clear_pointer (&look->texts, weftline_graph_texts_free);
  if (look->texts == NULL)
    look->texts = weftline_graph_texts_new ();
  look->texts_zoom = look->zoom;
  return look->texts;
}

void
weftline_graph_look_paint (WeftlineGraphLook *look, cairo_t *cr, const WeftlineSceneFrame *frame,
                           const WeftlineGraphPainting *painting, unsigned max_labels)
{
  WeftlineGraphStyle style;
  double width = frame->viewport.width_px, height = frame->viewport.height_px;

  weftline_graph_style_init (&style, look->palette->dark);
  style.font_px *= look->zoom;
  style.rtl = look->rtl;
  style.texts = kept_texts (look);
  style.background = color_of (look->palette->card);
  style.has_state_colors = look->palette->has_states;
  for (int state = 0; state < WEFT_TASK_N_STATES; state++)
    style.state_colors[state] = color_of (look->palette->states[state]);
  style.group_color = group_color;
  style.group_name = group_name;
  style.group_facts = group_facts;
  style.dup_label = dup_label;
  style.max_labels = max_labels;
  style.value_title = look->value_title;
  style.interrupted = weftline_graph_look_n_interrupted (look) > 0;
  style.data = look;
  weftline_set_color (cr, look->palette->card, 1);
  cairo_rectangle (cr, 0, height, width, look->foot);
  cairo_fill (cr);
  weftline_graph_paint (cr, frame, &style, painting);
  weftline_graph_paint_legend (cr, LEGEND_MARGIN, height + LEGEND_TOP * look->zoom,
                               width - 2 * LEGEND_MARGIN,
                               (int) (look->foot / (LEGEND_ROW * look->zoom)), &style, 0,
                               look->n_values > 0 ? look->value_most : 0);
}

char *
weftline_graph_look_dup_words (WeftlineGraphLook *look, uint32_t task, WeftModelState state)
{
  g_autofree char *key = weft_model_task_dup_key (look->model, task);
  uint32_t group = weft_model_task_group (look->model, task);
  GString *text = g_string_new (key);
  WeftlineGraphStyle style;

  weftline_graph_style_init (&style, false);
  g_string_append_c (text, '\n');
  if (group < look->n_groups)
    g_string_append_printf (text, "%s · ", group_name (group, look));
  style.interrupted = weftline_graph_look_n_interrupted (look) > 0;
  g_string_append (text, weftline_graph_state_name (&style, state));
  if (task < look->n_values)
    g_string_append_printf (text, "\n%s: %.0f", look->value_title, (double) look->values[task]);
  return g_string_free (text, FALSE);
}

void
weftline_graph_look_states (const WeftModel *model, const WeftMoment *moment, uint32_t n_tasks,
                            GByteArray *states)
{
  uint32_t n_then = moment != NULL ? MIN (moment->n_tasks, n_tasks) : 0;

  g_byte_array_set_size (states, n_tasks);
  if (n_then > 0)
    memcpy (states->data, moment->states, n_then);
  for (uint32_t task = n_then; task < n_tasks; task++)
    states->data[task] =
        moment != NULL ? WEFT_TASK_WAITING : (uint8_t) weft_model_task_state (model, task);
}
