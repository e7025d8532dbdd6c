/* account.c: who is charged for bytes, at a nanosecond a charge
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An account is a common sum and a row of shares, a cache line each. Threads with a small number
 * have a share of their own, which only they write, so a charge is a plain load and store; all
 * others share the last few with atomic additions. A share that has grown beyond FOLD_BYTES, up or
 * down, is moved to the common sum, and the peak is looked at then. What is held is the sum of
 * everything: exact whenever no thread is just folding.
 *
 * Charges go up the parents one by one; a run's account under its engine's makes two.
 */
#include "config.h"

#include "store/weft-store-private.h"

#include <stdlib.h>

#define N_OWN 60
#define N_COMMON 4
#define FOLD_BYTES 65536

typedef struct
{
  WEFT_ALIGNED_LINE _Atomic int64_t
      n_bytes; /* atomic: relaxed; written by one thread, below N_OWN */
} Share;

struct _WeftAccount
{
  WEFT_ALIGNED_LINE _Atomic uint32_t refs;
  _Atomic uint32_t n_shares; /* atomic: relaxed; those beyond were never written */
  WeftAccount *parent;       /* immutable (nullable); holds a reference */
  WEFT_ALIGNED_LINE _Atomic int64_t folded_bytes; /* atomic: relaxed */
  _Atomic int64_t peak_bytes;                     /* atomic: relaxed, only grows */
  Share shares[N_OWN + N_COMMON];
};

WeftAccount *
weft_account_new (WeftAccount *parent)
{
  WeftAccount *account = aligned_alloc (WEFT_CACHE_LINE, sizeof *account);

  if (account == NULL)
    return NULL;
  *account = (WeftAccount){ .refs = 1, .parent = parent };
  if (parent != NULL)
    weft_account_ref (parent);
  return account;
}

WeftAccount *
weft_account_ref (WeftAccount *account)
{
  atomic_fetch_add_explicit (&account->refs, 1, memory_order_relaxed);
  return account;
}

void
weft_account_unref (WeftAccount *account)
{
  while (account != NULL
         && atomic_fetch_sub_explicit (&account->refs, 1, memory_order_acq_rel) == 1)
    {
      WeftAccount *parent = account->parent;

      free (account);
      account = parent;
    }
}

static void
raise_peak (WeftAccount *account, int64_t n_bytes)
{
  int64_t peak = atomic_load_explicit (&account->peak_bytes, memory_order_relaxed);

  while (peak < n_bytes
         && !atomic_compare_exchange_weak_explicit (&account->peak_bytes, &peak, n_bytes,
                                                    memory_order_relaxed, memory_order_relaxed))
    ;
}

static void
fold (WeftAccount *account, int64_t n_bytes)
{
  raise_peak (
      account,
      n_bytes + atomic_fetch_add_explicit (&account->folded_bytes, n_bytes, memory_order_relaxed));
}

static inline bool
is_small (int64_t n_bytes)
{
  return n_bytes > -FOLD_BYTES && n_bytes < FOLD_BYTES;
}

static inline void
charge_own (WeftAccount *account, Share *share, int64_t n_bytes)
{
  int64_t sum = atomic_load_explicit (&share->n_bytes, memory_order_relaxed) + n_bytes;

  atomic_store_explicit (&share->n_bytes, is_small (sum) ? sum : 0, memory_order_relaxed);
  if (!is_small (sum))
    fold (account, sum);
}

static void
charge_common (WeftAccount *account, Share *share, int64_t n_bytes)
{
  int64_t sum =
      n_bytes + atomic_fetch_add_explicit (&share->n_bytes, n_bytes, memory_order_relaxed);

  if (!is_small (sum))
    fold (account, atomic_exchange_explicit (&share->n_bytes, 0, memory_order_relaxed));
}

/* Shares are used from the first on, so that asking for the sum stays cheap. */
static void
note_share (WeftAccount *account, uint32_t idx)
{
  uint32_t n = atomic_load_explicit (&account->n_shares, memory_order_relaxed);

  while (n <= idx
         && !atomic_compare_exchange_weak_explicit (&account->n_shares, &n, idx + 1,
                                                    memory_order_relaxed, memory_order_relaxed))
    ;
}

void
weft_account_charge (WeftAccount *account, int64_t n_bytes)
{
  WeftStoreThread *thread = _weft_store_thread ();
  uint32_t number = thread != NULL ? thread->number : N_OWN;
  uint32_t idx = number < N_OWN ? number : N_OWN + number % N_COMMON;

  for (; account != NULL; account = account->parent)
    {
      note_share (account, idx);
      if (idx < N_OWN)
        charge_own (account, &account->shares[idx], n_bytes);
      else
        charge_common (account, &account->shares[idx], n_bytes);
    }
}

int64_t
weft_account_held_bytes (WeftAccount *account)
{
  int64_t sum = atomic_load_explicit (&account->folded_bytes, memory_order_relaxed);
  uint32_t n = atomic_load_explicit (&account->n_shares, memory_order_relaxed);

  for (uint32_t i = 0; i < n; i++)
    sum += atomic_load_explicit (&account->shares[i].n_bytes, memory_order_relaxed);
  raise_peak (account, sum);
  return sum;
}

int64_t
weft_account_peak_bytes (WeftAccount *account)
{
  weft_account_held_bytes (account);
  return atomic_load_explicit (&account->peak_bytes, memory_order_relaxed);
}
