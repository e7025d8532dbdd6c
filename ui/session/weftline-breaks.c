/* weftline-breaks.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-breaks.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>

struct _WeftlineBreaks
{
  GPtrArray *all; /* WeftlineBreak, with a group of its own */
  /* of amounts of memory that were more than 0, over all time */
  unsigned n_told, n_recorded;
  uint32_t n_settings;    /* looked at */
  uint64_t last_recorded; /* amount */
};

/* ---- life ------------------------------------------------------------------------------------ */

static void
break_free (void *data)
{
  WeftlineBreak *what = data;

  g_free ((char *) what->group);
  g_free (what);
}

WeftlineBreaks *
weftline_breaks_new (void)
{
  WeftlineBreaks *breaks = g_new0 (WeftlineBreaks, 1);

  breaks->all = g_ptr_array_new_with_free_func (break_free);
  return breaks;
}

void
weftline_breaks_free (WeftlineBreaks *breaks)
{
  if (breaks == NULL)
    return;
  g_ptr_array_unref (breaks->all);
  g_free (breaks);
}

/* ---- what there is --------------------------------------------------------------------------- */

unsigned
weftline_breaks_n (const WeftlineBreaks *breaks)
{
  return breaks->all->len;
}

const WeftlineBreak *
weftline_breaks_get (const WeftlineBreaks *breaks, unsigned index)
{
  return breaks->all->pdata[index];
}

const WeftlineBreak *
weftline_breaks_find (const WeftlineBreaks *breaks, const WeftlineBreak *what)
{
  for (guint i = 0; i < breaks->all->len; i++)
    {
      const WeftlineBreak *one = breaks->all->pdata[i];

      if (one->kind == what->kind
          && (one->kind != WEFTLINE_BREAK_AT_GROUP || g_str_equal (one->group, what->group)))
        return one;
    }
  return NULL;
}

static void
add (WeftlineBreaks *breaks, const WeftlineBreak *what)
{
  WeftlineBreak *one = g_memdup2 (what, sizeof *what);

  one->group = what->kind == WEFTLINE_BREAK_AT_GROUP ? g_strdup (what->group) : NULL;
  g_ptr_array_add (breaks->all, one);
}

bool
weftline_breaks_set (WeftlineBreaks *breaks, const WeftlineBreak *what, bool on)
{
  WeftlineBreak *known = (WeftlineBreak *) weftline_breaks_find (breaks, what);

  if (known == NULL && on)
    add (breaks, what);
  else if (known != NULL && !on)
    g_ptr_array_remove (breaks->all, known);
  else if (known != NULL && known->kind == WEFTLINE_BREAK_ABOVE_BYTES
           && known->n_bytes != what->n_bytes)
    known->n_bytes = what->n_bytes;
  else
    return false;
  return true;
}

/* ---- what became of it ----------------------------------------------------------------------- */

void
weftline_breaks_told_bytes (WeftlineBreaks *breaks)
{
  breaks->n_told++;
}

/* The engine sets the amount to 0 when it is hit, as does whoever takes it away: all that were told
 * are recorded, and then there was a 0. */
bool
weftline_breaks_look (WeftlineBreaks *breaks, const WeftModel *model)
{
  const WeftlineBreak above = { .kind = WEFTLINE_BREAK_ABOVE_BYTES };
  uint32_t n = weft_model_n_settings (model);

  for (; breaks->n_settings < n; breaks->n_settings++)
    {
      WeftModelSetting setting;

      weft_model_setting (model, breaks->n_settings, &setting);
      if (setting.setting != WEFT_SETTING_BREAK_ABOVE_BYTES)
        continue;
      breaks->n_recorded += setting.value > 0;
      breaks->last_recorded = setting.value;
    }
  if (breaks->n_told == 0 || breaks->n_recorded < breaks->n_told || breaks->last_recorded > 0)
    return false;
  return weftline_breaks_set (breaks, &above, false);
}

/* ---- in words -------------------------------------------------------------------------------- */

char *
weftline_break_text (const WeftlineBreak *what)
{
  g_autofree char *bytes = NULL;

  switch (what->kind)
    {
    case WEFTLINE_BREAK_ON_ERROR:
      /* Translators: a run stops there: when the first task has failed */
      return g_strdup (_ ("first error"));
    case WEFTLINE_BREAK_ABOVE_BYTES:
      bytes = weftline_format_bytes (what->n_bytes, WEFTLINE_BYTES_DECIMAL);
      /* Translators: a run stops there */
      return g_strdup_printf (_ ("managed memory above %s"), bytes);
    case WEFTLINE_BREAK_AT_GROUP:
    default:
      /* Translators: a run stops there: at each task of the group */
      return g_strdup_printf (_ ("group %s"), what->group);
    }
}
