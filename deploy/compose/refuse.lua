-- Answers a call with the refusal in txn.refusal: "STATUS PUSHBACK MESSAGE", where PUSHBACK is milliseconds or "never".
--
-- Reads the request to its end first, and keeps nothing of it. Where haproxy answers a request that is still being sent,
-- it resets the stream with CANCEL after its answer, and gRPC's C++ and Python clients then report CANCELLED instead.
core.register_service("refuse", "http", function(applet)
  repeat
    local piece = applet:receive(16384)
  until piece == nil or #piece == 0

  local status, pushback, message = string.match(applet:get_var("txn.refusal"), "^(%d+) (%w+) (.*)$")
  applet:set_status(200)
  applet:add_header("content-type", "application/grpc")
  applet:add_header("content-length", "0")
  applet:add_header("grpc-status", status)
  applet:add_header("grpc-message", message)
  if pushback ~= "never" then
    applet:add_header("grpc-retry-pushback-ms", pushback)
  end
  applet:start_response()
end)
