// Streams of operations: order, ids, errors, resumption, bounds, cancellation, the end.
#include "tensord/client/compute_stream.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "tensord/client/client.h"
#include "tests/client/cpp/fake_stream_server.h"

namespace tensord::client {
namespace {

using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(ComputeStreamTest, AnswersOutOfOrderFindTheirOperations) {
  Fake server([](int, ServerStream* stream) {
    std::vector<v1::StreamComputeRequest> requests(3);
    for (auto& request : requests) EXPECT_TRUE(stream->Read(&request));
    for (size_t i = requests.size(); i-- > 0;) stream->Write(AnswerTo(requests[i]));
    return Swallow(stream);
  });
  const auto client = server.Connect();
  Answers answers;
  const auto stream = client->StreamCompute({}, answers.callback());
  for (const int64_t id : {7, 8, 7}) EXPECT_TRUE(stream->Send(Request(id)).ok());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(answers.indices(), ElementsAre(2, 1, 0));
  EXPECT_THAT(answers.ids(), ElementsAre(7, 8, 7));
  EXPECT_EQ(server.attempts, 1);
  EXPECT_EQ(stream->Send(Request(1)).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(ComputeStreamTest, AnswersWithoutAnIdAreFoundByTheirIndexAndStrangeOnesIgnored) {
  Fake server([](int, ServerStream* stream) {
    v1::StreamComputeRequest request;
    stream->Read(&request);
    stream->Read(&request);
    v1::StreamComputeResponse answer;
    answer.set_id(99);
    stream->Write(answer);
    answer.set_id(0);
    for (const int index : {1, 1, 0, 5}) {
      answer.set_index(index);
      stream->Write(answer);
    }
    return Swallow(stream);
  });
  const auto client = server.Connect();
  Answers answers;
  const auto stream = client->StreamCompute({}, answers.callback());
  EXPECT_TRUE(stream->Send(Request(4)).ok());
  EXPECT_TRUE(stream->Send(Request(5)).ok());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(answers.ids(), ElementsAre(5, 4));
}

TEST(ComputeStreamTest, NothingSentIsNoCall) {
  Fake server([](int, ServerStream* stream) { return Echo(stream); });
  const auto client = server.Connect();
  EXPECT_TRUE(client->StreamCompute({}, [](const auto&) {})->Finish().ok());
  EXPECT_EQ(server.attempts, 0);
}

TEST(ResumptionTest, SendsAgainWhatIsUnansweredInOrderAndNothingTwice) {
  std::vector<size_t> resent;  // sizes tell the operations apart
  Fake server([&resent](int attempt, ServerStream* stream) {
    v1::StreamComputeRequest request;
    if (attempt == 0) {
      for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(stream->Read(&request));
        if (i % 2 == 1) stream->Write(AnswerTo(request));
      }
      return Unavailable();
    }
    while (stream->Read(&request)) {
      resent.push_back(request.pool().input().data().size());
      stream->Write(AnswerTo(request));
      stream->Write(AnswerTo(request));  // the second is an answer to nothing
    }
    return grpc::Status::OK;
  });
  const auto client = server.Connect();
  Answers answers;
  const auto stream = client->StreamCompute({}, answers.callback());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(stream->Send(Request(i, i)).ok());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(answers.indices(), ElementsAre(1, 3, 0, 2, 4));
  EXPECT_THAT(answers.codes(), Each(0));
  EXPECT_THAT(resent, ElementsAre(0, 2, 4));
}

TEST(ResumptionTest, EndsAfterMaxAttemptsWithoutAnAnswerAndCountsAnewAfterOne) {
  Fake server([](int attempt, ServerStream* stream) {
    v1::StreamComputeRequest request;
    if (attempt == 2 && stream->Read(&request)) stream->Write(AnswerTo(request));
    return Unavailable();
  });
  const auto client = server.Connect();
  Answers answers;
  const auto stream = client->StreamCompute({}, answers.callback());
  EXPECT_TRUE(stream->Send(Request(1)).ok());
  EXPECT_TRUE(stream->Send(Request(2)).ok());
  const absl::Status status = stream->Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(server.attempts, 5);  // the third answered; it and two more failed since
  EXPECT_THAT(answers.codes(), ElementsAre(0, static_cast<int>(absl::StatusCode::kUnavailable)));
  EXPECT_EQ(answers.all()[1].error().message(), "going away");
}

TEST(ResumptionTest, AnIdleStreamBeginsAnewAtTheNextOperation) {
  Fake server([](int, ServerStream* stream) {
    v1::StreamComputeRequest request;
    if (stream->Read(&request)) stream->Write(AnswerTo(request));
    return Unavailable();
  });
  const auto client = server.Connect();
  Answers answers;
  const auto stream = client->StreamCompute({}, answers.callback());
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(stream->Send(Request(static_cast<int64_t>(i))).ok());
    answers.WaitFor(i + 1);
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(answers.ids(), ElementsAre(0, 1, 2, 3));
}

TEST(ResumptionTest, WaitsAsLongAsTheServerWishes) {
  Fake server([](int attempt, ServerStream* stream) {
    if (attempt > 0) return Echo(stream);
    google::rpc::RetryInfo info;
    info.mutable_retry_delay()->set_nanos(400'000'000);
    google::rpc::Status details;
    details.set_code(static_cast<int>(grpc::StatusCode::UNAVAILABLE));
    details.add_details()->PackFrom(info);
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "later", details.SerializeAsString());
  });
  const auto client = server.Connect();
  Answers answers;
  const auto stream = client->StreamCompute({}, answers.callback());
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(stream->Send(Request(1)).ok());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(390));
}

TEST(ComputeStreamTest, OtherErrorsEndItForGood) {
  Fake server([](int, ServerStream*) { return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "who are you"); });
  const auto client = server.Connect();
  Answers answers;
  const auto stream = client->StreamCompute({}, answers.callback());
  EXPECT_TRUE(stream->Send(Request(1)).ok());
  answers.WaitFor(1);
  EXPECT_EQ(stream->Send(Request(2)).code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(stream->Finish().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(answers.codes(), ElementsAre(static_cast<int>(absl::StatusCode::kUnauthenticated)));
  EXPECT_EQ(server.attempts, 1);
}

TEST(ComputeStreamTest, AnEndWithoutAllAnswersIsAnError) {
  Fake server([](int, ServerStream*) { return grpc::Status::OK; });
  const auto client = server.Connect();
  Answers answers;
  const auto stream = client->StreamCompute({}, answers.callback());
  EXPECT_TRUE(stream->Send(Request(1)).ok());
  EXPECT_EQ(stream->Finish().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(answers.all(), SizeIs(1));
}

TEST(ComputeStreamTest, CancellationAndDeadlineAnswerWhatIsLeft) {
  // The server notices the deadline too, and its end must not come before the client's own.
  Fake server([](int, ServerStream* stream) {
    const grpc::Status status = Swallow(stream);
    std::this_thread::sleep_for(milliseconds(200));
    return status;
  });
  const auto client = server.Connect();
  for (const bool cancel : {true, false}) {
    Answers answers;
    StreamOptions options;
    options.call.cancellation = std::make_shared<Cancellation>();
    if (!cancel) options.call.deadline = milliseconds(50);
    const auto stream = client->StreamCompute(options, answers.callback());
    EXPECT_TRUE(stream->Send(Request(1)).ok());
    if (cancel) options.call.cancellation->Cancel();
    const auto expected = cancel ? absl::StatusCode::kCancelled : absl::StatusCode::kDeadlineExceeded;
    EXPECT_EQ(stream->Finish().code(), expected);
    EXPECT_THAT(answers.codes(), ElementsAre(static_cast<int>(expected)));
  }
}

TEST(ComputeStreamTest, SendBlocksAtTheLimitAndGoesOn) {
  for (const bool by_bytes : {false, true}) {
    std::atomic<bool> go = false;
    Fake server([&go](int, ServerStream* stream) {
      while (!go) std::this_thread::sleep_for(milliseconds(1));
      return Echo(stream);
    });
    const auto client = server.Connect();
    Answers answers;
    StreamOptions options;
    options.max_unanswered_count = by_bytes ? 100 : 2;
    options.max_unanswered_bytes = by_bytes ? 2'500 : 1 << 20;
    const auto stream = client->StreamCompute(options, answers.callback());
    std::atomic<int> sent = 0;
    std::thread sender([&] {
      for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(stream->Send(Request(i, 1'000)).ok());
        ++sent;
      }
    });
    while (sent < 2) std::this_thread::sleep_for(milliseconds(1));
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(sent, 2);
    go = true;
    sender.join();
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_THAT(answers.all(), SizeIs(20));
  }
}

TEST(ComputeStreamTest, ARequestThatIsTooLargeEndsNothing) {
  Fake server([](int, ServerStream* stream) { return Echo(stream); });
  const auto client = server.Connect();
  Answers answers;
  StreamOptions options;
  options.max_unanswered_bytes = 10;
  const auto stream = client->StreamCompute(options, answers.callback());
  EXPECT_EQ(stream->Send(Request(1, 1 << 20)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(stream->Send(Request(2, 1'000)).ok());  // over the bytes, but alone
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(answers.ids(), ElementsAre(2));
}

TEST(ComputeStreamTest, SendInACallbackIsRefused) {
  Fake server([](int, ServerStream* stream) { return Echo(stream); });
  const auto client = server.Connect();
  std::unique_ptr<ComputeStream> stream;
  std::atomic<int> refused = 0;
  stream = client->StreamCompute({}, [&](const v1::StreamComputeResponse&) {
    if (absl::IsFailedPrecondition(stream->Send(Request(2))) && absl::IsFailedPrecondition(stream->Finish())) ++refused;
  });
  EXPECT_TRUE(stream->Send(Request(1)).ok());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(refused, 1);
}

TEST(StreamDestructionTest, AnswersWhatIsLeftInEveryState) {
  Fake server([](int attempt, ServerStream* stream) { return attempt % 2 == 0 ? Swallow(stream) : Unavailable(); });
  const auto client = server.Connect();
  {
    const auto unused = client->StreamCompute({}, [](const auto&) {});
  }
  for (int i = 0; i < 40; ++i) {
    Answers answers;
    {
      const auto stream = client->StreamCompute({}, answers.callback());
      for (int k = 0; k < 3; ++k) EXPECT_TRUE(stream->Send(Request(k)).ok());
      std::this_thread::sleep_for(std::chrono::microseconds(i * 500));
    }
    EXPECT_THAT(answers.codes(), ElementsAre(1, 1, 1));  // CANCELLED
  }
}

TEST(StreamDestructionDeathTest, AClientThatGoesFirstEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto client = *Client::Connect("127.0.0.1:1", {});
        const auto stream = client->StreamCompute({}, [](const auto&) {});
        client.reset();
      },
      "a client was destroyed before one of its streams");
}

TEST(ComputeStreamTest, ManySendersAndManyCutsLoseNothing) {
  Fake server([](int attempt, ServerStream* stream) {
    v1::StreamComputeRequest request;
    for (int i = 0; i < 37 + attempt; ++i) {
      if (!stream->Read(&request)) return grpc::Status::OK;
      if (!stream->Write(AnswerTo(request))) break;
    }
    return Unavailable();
  });
  const auto client = server.Connect();
  Answers answers;
  StreamOptions options;
  options.max_unanswered_count = 16;
  options.retry = RetryOptions{.max_attempts = 5, .initial_backoff = milliseconds(1), .max_backoff = milliseconds(2)};
  const auto stream = client->StreamCompute(options, answers.callback());
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t) {
    senders.emplace_back([&, t] {
      for (int i = 0; i < 150; ++i) EXPECT_TRUE(stream->Send(Request(t * 1'000 + i)).ok());
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_TRUE(stream->Finish().ok());
  std::vector<int64_t> ids = answers.ids();
  std::sort(ids.begin(), ids.end());
  ASSERT_THAT(ids, SizeIs(600));
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  EXPECT_THAT(answers.codes(), Each(0));
}

}  // namespace
}  // namespace tensord::client
