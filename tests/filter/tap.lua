-- tshark -X lua_script:tap.lua: which frames each filter of a file selects, all filters in one run.
-- CASES names the file; a line "number TAB frame,frame,..." for each filter, "-" for one that tshark refuses.
local taps, frames, n = {}, {}, 0
for line in io.lines(os.getenv("CASES")) do
	n = n + 1
	local i = n
	local ok, tap = pcall(Listener.new, "frame", "nbss && (" .. line:gsub("^= ", "") .. ")")
	frames[i] = {}
	if ok and tap then
		taps[#taps + 1] = tap
		function tap.packet(pinfo) table.insert(frames[i], tostring(pinfo.number)) end
	else
		frames[i] = nil
	end
end
local last = Listener.new("frame")
function last.draw()
	for i = 1, n do
		print(i .. "\t" .. (frames[i] and table.concat(frames[i], ",") or "-"))
	end
end
