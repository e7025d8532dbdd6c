/* timeline-annotations.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/timeline-annotations.h"

#include "canvas/lane-text.h"

#include <string.h>

#define LONGEST_LINE 80 /* characters */
#define MOST_LINES 4

static const WeftlineTimelineAnnotation *
place_at (const WeftlineTimelineAnnotations *self, unsigned i)
{
  return &g_array_index (self->places, WeftlineTimelineAnnotation, i);
}

void
weftline_timeline_annotations_init (WeftlineTimelineAnnotations *self)
{
  self->places = g_array_new (FALSE, FALSE, sizeof (WeftlineTimelineAnnotation));
}

void
weftline_timeline_annotations_clear (WeftlineTimelineAnnotations *self)
{
  g_array_unref (self->places);
}

/* Of the same moment: as they came. */
static int
compare (const void *a, const void *b)
{
  const WeftlineTimelineAnnotation *x = a, *y = b;

  if (x->at_ns != y->at_ns)
    return x->at_ns < y->at_ns ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

void
weftline_timeline_annotations_take (WeftlineTimelineAnnotations *self, const WeftModel *model)
{
  uint32_t n = model != NULL ? weft_model_n_annotations (model) : 0;
  bool is_late = false;

  for (uint32_t i = self->places->len; i < n; i++)
    {
      WeftModelAnnotation said;
      WeftlineTimelineAnnotation place = { .index = i };

      weft_model_annotation (model, i, &said);
      place.at_ns = said.at_ns;
      is_late |= i > 0 && place_at (self, i - 1)->at_ns > said.at_ns;
      g_array_append_val (self->places, place);
    }
  if (is_late)
    g_array_sort (self->places, compare);
}

unsigned
weftline_timeline_annotations_find (const WeftlineTimelineAnnotations *self, int64_t at_ns)
{
  unsigned low = 0, high = self->places->len;

  while (low < high)
    {
      unsigned middle = low + (high - low) / 2;

      if (place_at (self, middle)->at_ns < at_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

bool
weftline_timeline_annotations_nearest (const WeftlineTimelineAnnotations *self, int64_t at_ns,
                                       int64_t within_ns, unsigned *place)
{
  unsigned next = weftline_timeline_annotations_find (self, at_ns);
  int64_t least = within_ns;
  bool found = false;

  if (next < self->places->len && place_at (self, next)->at_ns - at_ns <= least)
    {
      least = place_at (self, next)->at_ns - at_ns;
      *place = next;
      found = true;
    }
  if (next > 0 && at_ns - place_at (self, next - 1)->at_ns <= least)
    {
      *place = next - 1;
      found = true;
    }
  return found;
}

/* A line of it, cut where it is long. */
static char *
line_text (const char *line, gsize n_bytes)
{
  g_autofree char *valid = g_utf8_make_valid (line, (gssize) n_bytes);
  g_autofree char *cut = NULL;

  if (g_utf8_strlen (valid, -1) <= LONGEST_LINE)
    return g_steal_pointer (&valid);
  cut = g_utf8_substring (valid, 0, LONGEST_LINE - 1);
  return g_strconcat (cut, "…", NULL);
}

static void
add_lines (GPtrArray *lines, const char *text)
{
  for (int i = 0; *text != '\0' && i < MOST_LINES; i++)
    {
      gsize n_bytes = strcspn (text, "\n");

      g_ptr_array_add (lines, line_text (text, n_bytes));
      text += n_bytes + (text[n_bytes] == '\n');
    }
  if (lines->len == 0)
    g_ptr_array_add (lines, g_strdup (""));
}

char **
weftline_timeline_annotation_words (const WeftModel *model,
                                    const WeftlineTimelineAnnotation *annotation,
                                    WeftlineTimeForm form)
{
  GPtrArray *lines = g_ptr_array_new ();
  WeftModelAnnotation said;

  weft_model_annotation (model, annotation->index, &said);
  add_lines (lines, said.text);
  if (said.task != WEFT_NONE)
    g_ptr_array_add (lines, weft_model_task_dup_key (model, said.task));
  if (said.lane != 0)
    g_ptr_array_add (lines, weftline_lane_text_of (model, said.lane));
  g_ptr_array_add (lines, weftline_format_moment (said.at_ns, form, weft_model_wall_ns (model)));
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}
