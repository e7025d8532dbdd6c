/* lane-text.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/lane-text.h"

#include <glib/gi18n.h>

char *
weftline_lane_text (const char *name, uint32_t worker, uint32_t nth)
{
  g_autofree char *text = name[0] != '\0' || worker == WEFT_NONE
                              ? g_strdup (name)
                              : g_strdup_printf (_ ("worker %u"), worker);

  return nth > 1 ? g_strdup_printf ("%s (%u)", text, nth) : g_steal_pointer (&text);
}

char *
weftline_lane_text_of (const WeftModel *model, uint32_t lane)
{
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  return weftline_lane_text (info.name, info.worker, info.nth);
}
