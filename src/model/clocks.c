/* clocks.c: from stamps to nanoseconds since the run's start
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A domain's map is pieces by the stamps they hold from; a new piece takes the place of those that
 * begin at the same stamp or later. Stamps are converted when they come in, with the map as it is
 * then: a piece that comes later refines only what comes later. So whoever has the whole file gives
 * its CLOCK frames first, as the feed does.
 *
 * The last frame of a recorder's own clock is its whole map again, FINAL, a part in a million
 * better than the one that the run began with. By then all that is shown was converted, and readers
 * without a lock hold that no stamp ever changes; only the last records would go by it, and jump.
 * So it is passed over where a map was there: a run keeps the stamps it had while it went on, and
 * its file, read later, has the same ones.
 *
 * Converting is a division by the frequency, up to twice a record. It is done by multiplying with
 * the nanoseconds of a tick, of which 64 bits behind the point are known: that gives the quotient
 * or one or two less; the remainder tells (Granlund and Montgomery, "Division by invariant integers
 * using multiplication", PLDI 1994). The remainder is less than three times the divisor, so that it
 * is right in 64 bits, though what is divided needs more.
 *
 * A frame's stamps mostly go by one piece: who converts many looks it up once, with how far it
 * reaches (WeftClockReach).
 */
#include "config.h"

#include "model/weft-model-private.h"

#define N_NEAR_DOMAINS 1024u
/* Frequencies below which a second's ticks times 10^9 fit into 63 bits. */
#define FASTEST_TICKS 9000000000u

/* Where a tick is a nanosecond any moment is as good an anchor: an early one, so that stamps of
 * before the clock was read are within reach too. */
static void
begin_early (WeftClockMap *map)
{
  int64_t ns = (int64_t) MIN (map->anchor_ticks, (uint64_t) map->anchor_mono_ns);

  if (map->anchor_wall_ns < INT64_MIN / 4 || map->anchor_wall_ns > INT64_MAX / 4)
    return;
  map->anchor_ticks -= (uint64_t) ns;
  map->anchor_mono_ns -= ns;
  map->anchor_wall_ns -= ns;
}

void
_weft_clock_piece_init (WeftClockPiece *piece, const WeftRunClock *clock)
{
  const WeftClockMap *map = &clock->map;
  uint64_t frequency = map->ticks_per_second;
  unsigned __int128 n_ticks =
      (unsigned __int128) (INT64_MAX / 4 / WEFT_CLOCK_NS_PER_SECOND) * frequency;

  *piece = (WeftClockPiece){ .clock = *clock };
  if (frequency < 1 || frequency >= FASTEST_TICKS || map->anchor_mono_ns < 0
      || map->anchor_mono_ns > INT64_MAX / 4)
    return;
  if (frequency == WEFT_CLOCK_NS_PER_SECOND)
    begin_early (&piece->clock.map);
  piece->n_ticks = (uint64_t) MIN (n_ticks, INT64_MAX / 4);
  piece->whole_ns = WEFT_CLOCK_NS_PER_SECOND / frequency;
  piece->part_ns =
      (uint64_t) (((unsigned __int128) (WEFT_CLOCK_NS_PER_SECOND % frequency) << 64) / frequency);
}

static inline int64_t
piece_ns (const WeftClockPiece *piece, uint64_t ticks)
{
  const WeftClockMap *map = &piece->clock.map;
  uint64_t distance = ticks - map->anchor_ticks;

  if (WEFT_UNLIKELY (ticks < map->anchor_ticks || distance >= piece->n_ticks))
    return weft_clock_ticks_to_ns (map, ticks);
  return map->anchor_mono_ns + (int64_t) _weft_clock_distance_ns (piece, distance);
}

int64_t
_weft_clock_piece_ns (const WeftClockPiece *piece, uint64_t ticks)
{
  return piece_ns (piece, ticks);
}

/* ---- domains --------------------------------------------------------------------------------- */

void
_weft_clock_domain_free (void *data)
{
  WeftClockDomain *domain = data;

  if (domain == NULL)
    return;
  g_array_unref (domain->pieces);
  g_free (domain);
}

static WeftClockDomain *
find_domain (const WeftModel *model, uint32_t number)
{
  if (number < model->domains->len)
    return model->domains->pdata[number];
  return g_hash_table_lookup (model->far_domains, GUINT_TO_POINTER (number));
}

static WeftClockDomain *
make_domain (WeftModel *model, uint32_t number)
{
  WeftClockDomain *domain = find_domain (model, number);

  if (domain != NULL)
    return domain;
  domain = g_new0 (WeftClockDomain, 1);
  domain->pieces = g_array_new (FALSE, FALSE, sizeof (WeftClockPiece));
  if (number >= N_NEAR_DOMAINS)
    {
      g_hash_table_insert (model->far_domains, GUINT_TO_POINTER (number), domain);
      return domain;
    }
  if (number >= model->domains->len)
    g_ptr_array_set_size (model->domains, (int) number + 1);
  model->domains->pdata[number] = domain;
  return domain;
}

/* Whether it only says better what a run went by from the beginning. */
static bool
comes_too_late (const GArray *pieces, const WeftRunClock *clock)
{
  return (clock->flags & WEFT_CLOCK_FINAL) != 0 && pieces->len > 0
         && g_array_index (pieces, WeftClockPiece, 0).clock.valid_from_ticks
                == clock->valid_from_ticks;
}

void
_weft_model_add_clock (WeftModel *model, const WeftRunClock *clock)
{
  GArray *pieces = make_domain (model, clock->map.domain)->pieces;
  WeftClockPiece piece;
  guint n = 0;

  if (comes_too_late (pieces, clock))
    return;
  _weft_clock_piece_init (&piece, clock);
  while (n < pieces->len
         && g_array_index (pieces, WeftClockPiece, n).clock.valid_from_ticks
                < clock->valid_from_ticks)
    n++;
  g_array_set_size (pieces, n);
  g_array_append_val (pieces, piece);
}

bool
_weft_model_has_clock (const WeftModel *model, uint32_t domain)
{
  return find_domain (model, domain) != NULL;
}

/* ---- stamps ---------------------------------------------------------------------------------- */

/* Stamps before the first piece go by the first. */
static guint
find_piece (const WeftClockDomain *domain, uint64_t ticks)
{
  guint n = domain->pieces->len - 1;

  while (n > 0 && g_array_index (domain->pieces, WeftClockPiece, n).clock.valid_from_ticks > ticks)
    n--;
  return n;
}

/* The wall clock's moment of ns 0. */
static void
set_origin (WeftModel *model, const WeftRunClock *clock, int64_t axis_ns, int64_t mono_ns)
{
  model->has_origin = true;
  model->origin_ns = axis_ns;
  if ((clock->flags & WEFT_CLOCK_NO_WALL) == 0)
    _weft_set (model->wall_ns,
               CLAMP (clock->map.anchor_wall_ns, INT64_MIN / 4, INT64_MAX / 4)
                   + CLAMP (mono_ns, INT64_MIN / 4, INT64_MAX / 4)
                   - CLAMP (clock->map.anchor_mono_ns, INT64_MIN / 4, INT64_MAX / 4));
}

int64_t
_weft_model_ns (WeftModel *model, uint32_t number, uint64_t ticks)
{
  const WeftClockDomain *domain = find_domain (model, number);
  const WeftClockPiece *piece;
  int64_t mono_ns, axis_ns;

  if (domain == NULL)
    return 0;
  piece = &g_array_index (domain->pieces, WeftClockPiece, find_piece (domain, ticks));
  mono_ns = piece_ns (piece, ticks);
  axis_ns = CLAMP (mono_ns, INT64_MIN / 4, INT64_MAX / 4)
            + CLAMP (piece->clock.offset_ns, INT64_MIN / 4, INT64_MAX / 4);
  if (WEFT_UNLIKELY (!model->has_origin))
    set_origin (model, &piece->clock, axis_ns, mono_ns);
  return CLAMP (axis_ns - model->origin_ns, -WEFT_CLOCK_FAR_NS, WEFT_CLOCK_FAR_NS);
}

void
_weft_clock_reach (const WeftModel *model, uint32_t number, uint64_t ticks, WeftClockReach *reach)
{
  const WeftClockDomain *domain = find_domain (model, number);
  const WeftClockPiece *pieces;
  uint64_t from, end;
  guint n;

  *reach = (WeftClockReach){ 0 };
  if (domain == NULL || !model->has_origin)
    return;
  pieces = (const WeftClockPiece *) (void *) domain->pieces->data;
  n = find_piece (domain, ticks);
  from = pieces[n].clock.map.anchor_ticks;
  end = from + MIN (pieces[n].n_ticks, UINT64_MAX - from);
  if (n > 0)
    from = MAX (from, pieces[n].clock.valid_from_ticks);
  if (n + 1 < domain->pieces->len)
    end = MIN (end, pieces[n + 1].clock.valid_from_ticks);
  if (from >= end)
    return;
  reach->piece = &pieces[n];
  reach->from = from;
  reach->n = end - from;
  reach->offset_ns = CLAMP (pieces[n].clock.offset_ns, INT64_MIN / 4, INT64_MAX / 4);
  reach->origin_ns = model->origin_ns;
}
