// Ten million results against their bounds, and as many of poolings.
#include <gtest/gtest.h>

#include "tests/compute/error_bounds_sweep.h"
#include "tests/compute/pooling_bounds_sweep.h"

namespace tensord::compute {
namespace {

TEST(ErrorBoundsSweep, TenMillionResultsKeepTheirBounds) { SweepBounds(4000, 24, 10000000); }

TEST(ErrorBoundsSweep, TenMillionPooledResultsKeepTheirBounds) { SweepPoolingBounds(2000, 12, 10000000); }

}  // namespace
}  // namespace tensord::compute
