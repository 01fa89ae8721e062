#include "trainings/training_progress.h"

#include <math.h>

static double by_time(double share_of_expected)
{
    return share_of_expected < 1 ? 0.88 * share_of_expected : 1 - 0.12 * exp(1 - share_of_expected);
}

int training_progress(double share, int64_t running_s, int64_t expected_s)
{
    const double room = TRAINING_MOST_PERCENT - TRAINING_STARTED_PERCENT;
    double known = share >= 0 ? fmin(share, 1) : by_time((double)(running_s > 0 ? running_s : 0) / (double)expected_s);

    return TRAINING_STARTED_PERCENT + (int)(room * known);
}
