// Ten million results against their bounds.
#include <gtest/gtest.h>

#include "tests/compute/error_bounds_sweep.h"

namespace tensord::compute {
namespace {

TEST(ErrorBoundsSweep, TenMillionResultsKeepTheirBounds) { SweepBounds(4000, 24, 10000000); }

}  // namespace
}  // namespace tensord::compute
