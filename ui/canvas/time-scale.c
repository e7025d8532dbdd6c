/* time-scale.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/number-format.h"
#include "canvas/time-scale.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND INT64_C (1000000000)
#define DAY (86400 * SECOND)
#define SPACE WEFTLINE_NO_BREAK_SPACE
#define MAX_DECIMALS 3
#define GAP_FIGURES 2.5 /* between labels */

typedef enum
{
  LABEL_PLAIN,  /* 12.5 ms */
  LABEL_OFFSET, /* +12 µs */
  LABEL_CLOCK,  /* 3 m 20 s, 2 h 05 m */
  LABEL_DAY,    /* 14:03, 14:03:20.5 */
} LabelKind;

typedef struct
{
  LabelKind kind;
  int64_t unit_ns;
  const char *unit;
  unsigned decimals;
  int64_t base_ns;
  int64_t shift_ns; /* what of a time is a whole step, less that time */
  GTimeZone *zone;
  int64_t wall_ns;
} Labels;

static const struct
{
  int64_t ns;
  const char *name;
} units[] = { { 1, "ns" }, { 1000, "µs" }, { 1000000, "ms" }, { SECOND, "s" } };

static int64_t
next_step (int64_t step)
{
  static const int64_t seconds[] = { 1,     2,     5,     10,    15,     30,    60,
                                     120,   300,   600,   900,   1800,   3600,  7200,
                                     10800, 21600, 43200, 86400, 172800, 432000 };

  if (step < SECOND)
    {
      int64_t power = 1;

      while (power * 10 <= step)
        power *= 10;
      return step / power == 1 ? 2 * power : step / power == 2 ? 5 * power : 10 * power;
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (seconds); i++)
    if (seconds[i] * SECOND > step)
      return seconds[i] * SECOND;
  return step > INT64_MAX / 4 ? INT64_MAX / 2 : step * 2;
}

/* Division to below, also of what is negative. */
static int64_t
floor_to (int64_t value, int64_t step)
{
  int64_t rest = value % step;

  return value - (rest < 0 ? rest + step : rest);
}

/* The largest unit that is not larger than a time. */
static unsigned
unit_of (int64_t ns)
{
  unsigned unit = 0;

  while (unit + 1 < G_N_ELEMENTS (units) && units[unit + 1].ns <= ns)
    unit++;
  return unit;
}

/* How many decimals of a unit a step needs. */
static unsigned
decimals_of (int64_t step, int64_t unit_ns)
{
  unsigned decimals = 0;

  for (int64_t part = unit_ns; part > 1 && step % part != 0; part /= 10)
    decimals++;
  return decimals;
}

static void
use_offset (Labels *labels, int64_t t0, int64_t step)
{
  unsigned unit = unit_of (step);

  labels->kind = LABEL_OFFSET;
  labels->unit_ns = units[unit].ns;
  labels->unit = units[unit].name;
  labels->decimals = 0;
  labels->base_ns = floor_to (t0 + labels->shift_ns, units[unit].ns * 1000) - labels->shift_ns;
}

static void
choose_since_start (Labels *labels, int64_t t0, int64_t t1, int64_t step)
{
  int64_t largest = MAX (ABS (t0), ABS (t1));
  unsigned unit = unit_of (largest);

  labels->shift_ns = 0;
  if (largest >= 180 * SECOND && step >= SECOND)
    {
      labels->kind = LABEL_CLOCK;
      labels->unit_ns = step % (60 * SECOND) != 0 ? SECOND : 60 * SECOND;
      return;
    }
  labels->kind = LABEL_PLAIN;
  labels->unit_ns = units[unit].ns;
  labels->unit = units[unit].name;
  labels->decimals = decimals_of (step, labels->unit_ns);
  if (labels->decimals > MAX_DECIMALS || largest >= 180 * SECOND)
    use_offset (labels, t0, step);
}

static void
choose_of_day (Labels *labels, int64_t t0, int64_t step)
{
  int64_t wall = labels->wall_ns + t0;
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (floor_to (wall, SECOND) / SECOND);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (date, labels->zone);

  labels->shift_ns = labels->wall_ns + g_date_time_get_utc_offset (local) * 1000;
  labels->kind = LABEL_DAY;
  labels->unit_ns = step % (60 * SECOND) != 0 ? SECOND : step % DAY != 0 ? 60 * SECOND : DAY;
  labels->decimals = decimals_of (step, SECOND);
  if (step >= SECOND)
    labels->decimals = 0;
  if (labels->decimals > MAX_DECIMALS)
    use_offset (labels, t0, step);
}

/* "14:03:20" of a time since the start */
static char *
format_day (const Labels *labels, int64_t at, const char *format)
{
  int64_t wall = labels->wall_ns + at;
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (floor_to (wall, SECOND) / SECOND);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (date, labels->zone);

  return g_date_time_format (local, format);
}

/* Decimals of a second, cut to as many as asked for: "" or ".125" */
static void
format_fraction (char *text, size_t n, int64_t ns, unsigned decimals)
{
  char digits[16];

  g_snprintf (digits, sizeof digits, ".%09" PRId64, ns - floor_to (ns, SECOND));
  g_snprintf (text, n, "%.*s", decimals == 0 ? 0 : (int) decimals + 1, digits);
}

/* Minutes or hours and what is left, as long as needed. */
static void
format_clock (char *text, size_t n, int64_t at, bool seconds, unsigned decimals)
{
  const char *sign = at < 0 ? "−" : "";
  int64_t positive = ABS (at), total = positive / SECOND;
  int64_t hours = total / 3600, minutes = total / 60 % 60;
  char fraction[16];

  format_fraction (fraction, sizeof fraction, positive, decimals);
  if (hours > 0 && seconds)
    g_snprintf (text, n,
                "%s%" PRId64 SPACE "h" SPACE "%02" PRId64 SPACE "m" SPACE "%02" PRId64 "%s" SPACE
                "s",
                sign, hours, minutes, total % 60, fraction);
  else if (hours > 0)
    g_snprintf (text, n, "%s%" PRId64 SPACE "h" SPACE "%02" PRId64 SPACE "m", sign, hours, minutes);
  else if (seconds && minutes > 0)
    g_snprintf (text, n, "%s%" PRId64 SPACE "m" SPACE "%02" PRId64 "%s" SPACE "s", sign, minutes,
                total % 60, fraction);
  else if (seconds)
    g_snprintf (text, n, "%s%" PRId64 "%s" SPACE "s", sign, total, fraction);
  else
    g_snprintf (text, n, "%s%" PRId64 SPACE "m", sign, minutes);
}

static void
format_label (const Labels *labels, int64_t at, char *text, size_t n)
{
  g_autofree char *day = NULL;
  char fraction[16];
  int64_t offset;

  switch (labels->kind)
    {
    case LABEL_CLOCK:
      format_clock (text, n, at, labels->unit_ns < 60 * SECOND, 0);
      return;
    case LABEL_DAY:
      day = format_day (labels, at,
                        labels->unit_ns < 60 * SECOND ? "%H:%M:%S"
                        : labels->unit_ns < DAY       ? "%H:%M"
                                                      : "%-d %b");
      format_fraction (fraction, sizeof fraction, labels->wall_ns + at, labels->decimals);
      g_snprintf (text, n, "%s%s", day, fraction);
      return;
    case LABEL_OFFSET:
      offset = at - labels->base_ns;
      g_snprintf (text, n, "+%" PRId64 SPACE "%s", offset / labels->unit_ns, labels->unit);
      return;
    case LABEL_PLAIN:
    default:
      g_snprintf (text, n, "%s%.*f" SPACE "%s", at < 0 ? "−" : "",
                  at != 0 ? (int) labels->decimals : 0,
                  (double) ABS (at) / (double) labels->unit_ns, labels->unit);
    }
}

static void
format_base (const Labels *labels, int64_t t0, char *text, size_t n)
{
  g_autofree char *day = NULL;
  char fraction[16];
  unsigned decimals = labels->unit_ns >= 1000000 ? 0 : labels->unit_ns >= 1000 ? 3 : 6;

  text[0] = '\0';
  if (labels->zone != NULL && labels->kind == LABEL_OFFSET)
    {
      day = format_day (labels, labels->base_ns, "%x %H:%M:%S");
      format_fraction (fraction, sizeof fraction, labels->wall_ns + labels->base_ns, decimals);
      g_snprintf (text, n, "%s%s", day, fraction);
    }
  else if (labels->zone != NULL)
    {
      day = format_day (labels, t0, "%x");
      g_strlcpy (text, day, n);
    }
  else if (labels->kind == LABEL_OFFSET)
    format_clock (text, n, labels->base_ns, true, decimals);
}

static void
choose (Labels *labels, int64_t t0, int64_t t1, int64_t step)
{
  if (labels->zone != NULL)
    choose_of_day (labels, t0, step);
  else
    choose_since_start (labels, t0, t1, step);
}

/* The ticks of a step. Returns: whether their labels keep apart. */
static bool
make_ticks (WeftlineTimeScale *scale, const Labels *labels, int64_t t0, int64_t t1, double width,
            double figure)
{
  double per_ns = width / (double) (t1 - t0);
  double room = (double) scale->step_ns * per_ns;
  int64_t at =
      floor_to (t0 + labels->shift_ns + scale->step_ns - 1, scale->step_ns) - labels->shift_ns;

  scale->n_ticks = 0;
  for (; at <= t1; at += scale->step_ns)
    {
      WeftlineTick *tick = &scale->ticks[scale->n_ticks];

      if (scale->n_ticks == WEFTLINE_MAX_TICKS)
        return false;
      scale->n_ticks++;
      tick->at_ns = at;
      tick->x = (double) (at - t0) * per_ns;
      format_label (labels, at, tick->label, sizeof tick->label);
      if (((double) g_utf8_strlen (tick->label, -1) + GAP_FIGURES) * figure > room)
        return false;
      if (at > INT64_MAX - scale->step_ns)
        break;
    }
  return true;
}

void
weftline_time_scale (WeftlineTimeScale *scale, int64_t t0_ns, int64_t t1_ns, double width,
                     double figure, WeftlineTimeForm form, int64_t wall_ns)
{
  Labels labels = { .wall_ns = wall_ns };
  double least = (double) (t1_ns - t0_ns) * 3 * figure / MAX (width, 1);

  if (form == WEFTLINE_TIME_OF_DAY && wall_ns != 0)
    labels.zone = g_time_zone_new_local ();
  for (scale->step_ns = 1; (double) scale->step_ns < least;)
    scale->step_ns = next_step (scale->step_ns);
  choose (&labels, t0_ns, t1_ns, scale->step_ns);
  while (!make_ticks (scale, &labels, t0_ns, t1_ns, width, figure)
         && scale->step_ns < INT64_MAX / 4)
    {
      scale->step_ns = next_step (scale->step_ns);
      choose (&labels, t0_ns, t1_ns, scale->step_ns);
    }
  format_base (&labels, t0_ns, scale->base, sizeof scale->base);
  if (labels.zone != NULL)
    g_time_zone_unref (labels.zone);
}

/* With so many digits behind the second. (transfer full) */
static char *
format_of_day (int64_t at_ns, int64_t wall_ns, int n_digits)
{
  Labels labels = { .wall_ns = wall_ns };
  g_autofree char *day = NULL;
  char fraction[16];

  labels.zone = g_time_zone_new_local ();
  day = format_day (&labels, at_ns, "%H:%M:%S");
  g_time_zone_unref (labels.zone);
  format_fraction (fraction, sizeof fraction, wall_ns + at_ns, n_digits);
  return g_strconcat (day, fraction, NULL);
}

char *
weftline_format_moment (int64_t at_ns, WeftlineTimeForm form, int64_t wall_ns)
{
  if (form != WEFTLINE_TIME_OF_DAY || wall_ns == 0)
    return weftline_format_duration (at_ns);
  return format_of_day (at_ns, wall_ns, 3);
}

char *
weftline_format_stamp (int64_t at_ns, WeftlineTimeForm form, int64_t wall_ns)
{
  if (form == WEFTLINE_TIME_OF_DAY && wall_ns != 0)
    return format_of_day (at_ns, wall_ns, 6);
  if (at_ns < 1000000)
    return g_strdup_printf ("%.3f" WEFTLINE_NO_BREAK_SPACE "µs", (double) at_ns / 1e3);
  if (at_ns < 1000000000)
    return g_strdup_printf ("%.3f" WEFTLINE_NO_BREAK_SPACE "ms", (double) at_ns / 1e6);
  return g_strdup_printf ("%.6f" WEFTLINE_NO_BREAK_SPACE "s", (double) at_ns / 1e9);
}
